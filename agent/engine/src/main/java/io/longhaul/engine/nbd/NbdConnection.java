package io.longhaul.engine.nbd;

import io.longhaul.engine.hypervisor.DiskReader.Extent;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;

/**
 * One connection of {@link NbdClient}: a request, then its reply. One thread at a time; {@link #close} from any.
 *
 * <p>After an {@link NbdException} the connection goes on, after any other {@link IOException} it is {@link #broken()}.
 */
final class NbdConnection {
    private static final ByteBuffer NO_PAYLOAD = ByteBuffer.allocate(0);
    /** A chunk brings at least a byte of what was asked, or nothing at all: a server may send one such, not for ever. */
    private static final int EMPTY_CHUNK_LIMIT = 16;

    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(64 << 10).asReadOnlyBuffer();

    private final NbdChannel channel;
    private final NbdHandshake.Agreement agreement;
    private final ByteBuffer requestHeader = ByteBuffer.allocateDirect(NbdProtocol.REQUEST_BYTES);
    private long cookie;
    private boolean broken;

    private NbdConnection(NbdChannel channel, NbdHandshake.Agreement agreement) {
        this.channel = channel;
        this.agreement = agreement;
    }

    static NbdConnection open(Path socketPath, String exportName) throws IOException {
        return over(new NbdChannel(SocketChannel.open(UnixDomainSocketAddress.of(socketPath))), exportName);
    }

    /** Negotiates; closes the channel where that fails. */
    static NbdConnection over(NbdChannel channel, String exportName) throws IOException {
        try {
            return new NbdConnection(channel, new NbdHandshake(channel, exportName).run());
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    NbdHandshake.Agreement agreement() {
        return agreement;
    }

    boolean broken() {
        return broken;
    }

    void read(long offset, ByteBuffer into) throws IOException {
        int start = into.position();
        int length = into.remaining();
        exchange(NbdProtocol.COMMAND_READ, offset, length, NO_PAYLOAD, new ReadReply(offset, into.slice()));
        into.position(start + length);
    }

    void write(long offset, ByteBuffer data) throws IOException {
        int length = data.remaining();
        exchange(NbdProtocol.COMMAND_WRITE, offset, length, data, ReplyBody.NONE);
    }

    void writeZeroes(long offset, long lengthBytes) throws IOException {
        exchange(NbdProtocol.COMMAND_WRITE_ZEROES, offset, lengthBytes, NO_PAYLOAD, ReplyBody.NONE);
    }

    void flush() throws IOException {
        exchange(NbdProtocol.COMMAND_FLUSH, 0, 0, NO_PAYLOAD, ReplyBody.NONE);
    }

    /** What the server tells about the start of the range, at least one byte of it; the last may reach beyond it. */
    List<Extent> blockStatus(long offset, long lengthBytes) throws IOException {
        BlockStatusReply reply = new BlockStatusReply(offset, agreement.allocationContext());
        exchange(NbdProtocol.COMMAND_BLOCK_STATUS, offset, lengthBytes, NO_PAYLOAD, reply);
        return reply.extents();
    }

    /** Says goodbye. Only while no request is under way. */
    void disconnect() {
        try {
            if (!broken) {
                channel.write(requestFor(NbdProtocol.COMMAND_DISCONNECT, 0, 0));
            }
        } catch (IOException ignored) {
            // The peer left first.
        }
        close();
    }

    void close() {
        channel.close();
    }

    private ByteBuffer requestFor(int command, long offset, long length) {
        cookie++;
        return requestHeader
                .clear()
                .putInt(NbdProtocol.REQUEST_MAGIC)
                .putShort((short) 0)
                .putShort((short) command)
                .putLong(cookie)
                .putLong(offset)
                .putInt((int) length)
                .flip();
    }

    private void exchange(int command, long offset, long length, ByteBuffer payload, ReplyBody body)
            throws IOException {
        try {
            channel.write(requestFor(command, offset, length), payload);
            int error = agreement.structured() ? structuredReply(body) : simpleReply(body);
            if (error != 0) {
                throw new NbdException(error, "the disk refused command " + command + " at " + offset + "+" + length);
            }
        } catch (NbdException e) {
            throw e;
        } catch (IOException e) {
            broken = true;
            throw e;
        }
    }

    private int simpleReply(ReplyBody body) throws IOException {
        ByteBuffer header = channel.read(NbdProtocol.SIMPLE_REPLY_BYTES);
        if (header.getInt() != NbdProtocol.SIMPLE_REPLY_MAGIC) {
            throw new NbdViolationException("the NBD server sent something else than a reply");
        }
        return finishSimpleReply(header, body);
    }

    /** With structured replies agreed, commands other than READ may still be answered simply. */
    private int finishSimpleReply(ByteBuffer header, ReplyBody body) throws IOException {
        int error = header.getInt();
        checkCookie(header.getLong());
        if (error == 0) {
            body.simpleData(channel);
        }
        return error;
    }

    private int structuredReply(ReplyBody body) throws IOException {
        int error = 0;
        for (int empty = 0; empty < EMPTY_CHUNK_LIMIT; ) {
            ByteBuffer header = channel.read(NbdProtocol.SIMPLE_REPLY_BYTES);
            int magic = header.getInt();
            if (magic == NbdProtocol.SIMPLE_REPLY_MAGIC) {
                return finishSimpleReply(header, body);
            }
            if (magic != NbdProtocol.CHUNK_MAGIC) {
                throw new NbdViolationException("the NBD server sent something else than a reply");
            }
            int flags = Short.toUnsignedInt(header.getShort());
            int type = Short.toUnsignedInt(header.getShort());
            checkCookie(header.getLong());
            int length = channel.read(Integer.BYTES).getInt();
            if (length < 0 || length > NbdProtocol.PAYLOAD_LIMIT_BYTES + Long.BYTES) {
                throw new NbdViolationException("the NBD server sent a chunk of " + length + " bytes");
            }
            if ((type & NbdProtocol.CHUNK_ERROR_BIT) != 0) {
                error = errorChunk(length);
            } else {
                body.chunk(channel, type, length);
            }
            if ((flags & NbdProtocol.CHUNK_FLAG_DONE) != 0) {
                if (error == 0) {
                    body.complete();
                }
                return error;
            }
            empty += type == NbdProtocol.CHUNK_NONE || (type & NbdProtocol.CHUNK_ERROR_BIT) != 0 ? 1 : 0;
        }
        throw new NbdViolationException("the NBD server ends no reply");
    }

    private int errorChunk(int length) throws IOException {
        if (length < Integer.BYTES + Short.BYTES) {
            throw new NbdViolationException("the NBD server sent an error of " + length + " bytes");
        }
        int error = channel.read(Integer.BYTES).getInt();
        channel.skip(length - Integer.BYTES);
        // An error chunk with number 0 is malformed; it must not pass for success.
        return error == 0 ? NbdException.EIO : error;
    }

    private void checkCookie(long answered) throws IOException {
        if (answered != cookie) {
            throw new NbdViolationException("the NBD server answered request " + answered + ", asked was " + cookie);
        }
    }

    static void putZeros(ByteBuffer into, int bytes) {
        for (int left = bytes; left > 0; ) {
            int part = Math.min(left, ZEROS.capacity());
            into.put(ZEROS.duplicate().limit(part));
            left -= part;
        }
    }
}
