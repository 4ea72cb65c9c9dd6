package io.longhaul.engine.nbd;

import io.longhaul.engine.hypervisor.DiskReader.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects the extents of a BLOCK_STATUS request, neighbours of a kind as one. Owned by the connection's caller.
 *
 * <p>A server may describe a range in any number of extents; those beyond a limit are read and forgotten, so that what
 * was not told is asked for again.
 */
final class BlockStatusReply implements ReplyBody {
    private static final int ENTRY_BYTES = 2 * Integer.BYTES;

    private static final int PART_BYTES = 1024 * ENTRY_BYTES;

    /** Some 2 MiB of objects. */
    private static final int EXTENT_LIMIT = 64 << 10;

    private final int context;
    private final List<Extent> extents = new ArrayList<>();
    private long next;
    private boolean full;
    private boolean received;

    BlockStatusReply(long offset, int context) {
        this.next = offset;
        this.context = context;
    }

    List<Extent> extents() {
        return extents;
    }

    /** Without extents a caller would ask for the same again, for ever. */
    @Override
    public void simpleData(NbdChannel channel) throws IOException {
        throw new NbdViolationException("the NBD server answered a block status without one");
    }

    @Override
    public void chunk(NbdChannel channel, int type, int length) throws IOException {
        if (type != NbdProtocol.CHUNK_BLOCK_STATUS) {
            ReplyBody.super.chunk(channel, type, length);
            return;
        }
        if (length < Integer.BYTES + ENTRY_BYTES || (length - Integer.BYTES) % ENTRY_BYTES != 0) {
            throw new NbdViolationException("the NBD server sent a block status of " + length + " bytes");
        }
        if (channel.read(Integer.BYTES).getInt() != context || received) {
            throw new NbdViolationException("the NBD server sent a block status that was not asked for");
        }
        received = true;
        for (int left = length - Integer.BYTES; left > 0; left -= PART_BYTES) {
            ByteBuffer part = channel.readData(Math.min(left, PART_BYTES));
            while (part.hasRemaining()) {
                add(Integer.toUnsignedLong(part.getInt()), (part.getInt() & NbdProtocol.STATUS_ZERO) != 0);
            }
        }
    }

    private void add(long lengthBytes, boolean zero) throws IOException {
        if (lengthBytes == 0) {
            throw new NbdViolationException("the NBD server sent an extent of no bytes");
        }
        int last = extents.size() - 1;
        if (last >= 0 && !full && extents.get(last).zero() == zero) {
            Extent before = extents.get(last);
            extents.set(last, new Extent(before.offset(), before.lengthBytes() + lengthBytes, zero));
        } else if (extents.size() < EXTENT_LIMIT) {
            extents.add(new Extent(next, lengthBytes, zero));
        } else {
            full = true;
        }
        next += lengthBytes;
    }

    @Override
    public void complete() throws IOException {
        if (extents.isEmpty()) {
            throw new NbdViolationException("the NBD server sent no block status");
        }
    }
}
