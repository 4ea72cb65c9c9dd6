package io.longhaul.engine.nbd;

import io.longhaul.engine.hypervisor.DiskReader.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Collects the extents of a BLOCK_STATUS request. Owned by the connection's caller. */
final class BlockStatusReply implements ReplyBody {
    private static final int ENTRY_BYTES = 2 * Integer.BYTES;

    private final int context;
    private final List<Extent> extents = new ArrayList<>();
    private long next;

    BlockStatusReply(long offset, int context) {
        this.next = offset;
        this.context = context;
    }

    List<Extent> extents() {
        return extents;
    }

    @Override
    public void chunk(NbdChannel channel, int type, int length) throws IOException {
        if (type != NbdProtocol.CHUNK_BLOCK_STATUS) {
            ReplyBody.super.chunk(channel, type, length);
            return;
        }
        if (length < Integer.BYTES + ENTRY_BYTES || (length - Integer.BYTES) % ENTRY_BYTES != 0) {
            throw new IOException("the NBD server sent a block status of " + length + " bytes");
        }
        ByteBuffer status = channel.readData(length);
        if (status.getInt() != context || !extents.isEmpty()) {
            throw new IOException("the NBD server sent a block status that was not asked for");
        }
        while (status.hasRemaining()) {
            long lengthBytes = Integer.toUnsignedLong(status.getInt());
            boolean zero = (status.getInt() & NbdProtocol.STATUS_ZERO) != 0;
            if (lengthBytes == 0) {
                throw new IOException("the NBD server sent an extent of no bytes");
            }
            extents.add(new Extent(next, lengthBytes, zero));
            next += lengthBytes;
        }
    }

    @Override
    public void complete() throws IOException {
        if (extents.isEmpty()) {
            throw new IOException("the NBD server sent no block status");
        }
    }
}
