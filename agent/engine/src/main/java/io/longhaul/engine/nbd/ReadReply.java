package io.longhaul.engine.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Puts the bytes of a read where they belong. Owned by the connection's caller. */
final class ReadReply implements ReplyBody {
    /** One byte each in turn, and a read of 32 MiB would take a gigabyte of memory to keep account of. */
    private static final int GAP_LIMIT = 4096;

    private final long offset;
    private final ByteBuffer into;
    private final ReceivedParts received = new ReceivedParts();

    /** @param into from 0 to its capacity what was asked for */
    ReadReply(long offset, ByteBuffer into) {
        this.offset = offset;
        this.into = into;
    }

    @Override
    public void simpleData(NbdChannel channel) throws IOException {
        channel.readInto(into);
    }

    @Override
    public void chunk(NbdChannel channel, int type, int length) throws IOException {
        switch (type) {
            case NbdProtocol.CHUNK_OFFSET_DATA -> {
                ByteBuffer part = part(channel, length, length - Long.BYTES);
                channel.readInto(part);
            }
            case NbdProtocol.CHUNK_OFFSET_HOLE -> {
                if (length != Long.BYTES + Integer.BYTES) {
                    throw new NbdViolationException("the NBD server sent a hole of " + length + " bytes");
                }
                ByteBuffer position = channel.readData(length);
                ByteBuffer part = part(position.getLong(), position.getInt());
                NbdConnection.putZeros(part, part.remaining());
            }
            default -> ReplyBody.super.chunk(channel, type, length);
        }
    }

    @Override
    public void complete() throws IOException {
        if (!received.covers(into.capacity())) {
            throw new NbdViolationException(
                    "the NBD server sent the first " + received.prefixBytes() + " bytes of " + into.capacity());
        }
    }

    private ByteBuffer part(NbdChannel channel, int length, int dataBytes) throws IOException {
        if (length <= Long.BYTES) {
            throw new NbdViolationException("the NBD server sent data of " + length + " bytes");
        }
        return part(channel.read(Long.BYTES).getLong(), dataBytes);
    }

    private ByteBuffer part(long chunkOffset, int bytes) throws IOException {
        long start = chunkOffset - offset;
        if (bytes <= 0 || start < 0 || start > into.capacity() - (long) bytes) {
            throw new NbdViolationException("the NBD server sent " + chunkOffset + "+" + bytes + ", asked was " + offset
                    + "+" + into.capacity());
        }
        if (!received.add((int) start, bytes) || received.gaps() > GAP_LIMIT) {
            throw new NbdViolationException("the NBD server sent " + chunkOffset + "+" + bytes + " twice, or too torn");
        }
        return into.slice((int) start, bytes);
    }
}
