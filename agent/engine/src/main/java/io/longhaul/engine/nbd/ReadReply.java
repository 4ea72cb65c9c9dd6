package io.longhaul.engine.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Puts the bytes of a read where they belong. Owned by the connection's caller. */
final class ReadReply implements ReplyBody {
    private final long offset;
    private final ByteBuffer into;
    private long receivedBytes;

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
                    throw new IOException("the NBD server sent a hole of " + length + " bytes");
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
        if (receivedBytes != into.capacity()) {
            throw new IOException("the NBD server sent " + receivedBytes + " bytes of " + into.capacity());
        }
    }

    private ByteBuffer part(NbdChannel channel, int length, int dataBytes) throws IOException {
        if (length <= Long.BYTES) {
            throw new IOException("the NBD server sent data of " + length + " bytes");
        }
        return part(channel.read(Long.BYTES).getLong(), dataBytes);
    }

    private ByteBuffer part(long chunkOffset, int bytes) throws IOException {
        long start = chunkOffset - offset;
        if (bytes <= 0 || start < 0 || start > into.capacity() - (long) bytes) {
            throw new IOException("the NBD server sent " + chunkOffset + "+" + bytes + ", asked was " + offset + "+"
                    + into.capacity());
        }
        receivedBytes += bytes;
        return into.slice((int) start, bytes);
    }
}
