package io.longhaul.engine.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The server's half of the transmission phase: one request at a time, each answered before the next is read. Owned by
 * the connection's thread.
 */
final class NbdTransmission {
    private static final int FIRST_BUFFER_BYTES = 1 << 20;
    private static final int OK = 0;

    private final NbdChannel channel;
    private final NbdExport export;
    private final ByteBuffer requestHeader = ByteBuffer.allocateDirect(NbdProtocol.REQUEST_BYTES);
    private final ByteBuffer replyHeader = ByteBuffer.allocateDirect(NbdProtocol.SIMPLE_REPLY_BYTES);
    private ByteBuffer payload = ByteBuffer.allocateDirect(FIRST_BUFFER_BYTES);

    NbdTransmission(NbdChannel channel, NbdExport export) {
        this.channel = channel;
        this.export = export;
    }

    /** Serves until the client disconnects. */
    void run() throws IOException {
        while (channel.readOrEnd(requestHeader.clear())) {
            Request request = Request.parse(requestHeader.flip());
            if (request.command == NbdProtocol.COMMAND_DISCONNECT) {
                return;
            }
            serve(request);
        }
    }

    private void serve(Request request) throws IOException {
        int error = refusal(request);
        if (request.command == NbdProtocol.COMMAND_WRITE) {
            if (error != OK) {
                // The payload follows all the same: past it the next request begins.
                channel.skip(request.length);
            } else {
                channel.readInto(buffer((int) request.length));
                payload.flip();
            }
        }
        if (error == OK) {
            error = execute(request);
        }
        replyHeader.clear().putInt(NbdProtocol.SIMPLE_REPLY_MAGIC).putInt(error).putLong(request.cookie);
        if (error == OK && request.command == NbdProtocol.COMMAND_READ) {
            channel.write(replyHeader.flip(), payload.flip());
        } else {
            channel.write(replyHeader.flip());
        }
    }

    /** The error to answer with before anything is done, or {@link #OK}. */
    private int refusal(Request request) {
        int knownFlags = NbdProtocol.COMMAND_FLAG_FUA | NbdProtocol.COMMAND_FLAG_NO_HOLE;
        if ((request.flags & ~knownFlags) != 0) {
            return NbdException.EINVAL;
        }
        return switch (request.command) {
            case NbdProtocol.COMMAND_FLUSH -> OK;
            case NbdProtocol.COMMAND_READ ->
                inRange(request) && request.length <= NbdProtocol.PAYLOAD_LIMIT_BYTES ? OK : NbdException.EINVAL;
            case NbdProtocol.COMMAND_WRITE -> {
                if (request.length > NbdProtocol.PAYLOAD_LIMIT_BYTES) {
                    yield NbdException.EINVAL;
                }
                yield inRange(request) ? OK : NbdException.ENOSPC;
            }
            case NbdProtocol.COMMAND_WRITE_ZEROES -> inRange(request) ? OK : NbdException.ENOSPC;
            case NbdProtocol.COMMAND_TRIM -> inRange(request) ? OK : NbdException.EINVAL;
            default -> NbdException.EINVAL;
        };
    }

    private boolean inRange(Request request) {
        return request.offset >= 0 && request.offset <= export.sizeBytes() - request.length;
    }

    private int execute(Request request) {
        try {
            switch (request.command) {
                case NbdProtocol.COMMAND_READ -> export.read(request.offset, buffer((int) request.length));
                case NbdProtocol.COMMAND_WRITE -> export.write(request.offset, payload);
                case NbdProtocol.COMMAND_WRITE_ZEROES -> export.writeZeroes(request.offset, request.length);
                case NbdProtocol.COMMAND_TRIM -> export.discard(request.offset, request.length);
                default -> export.flush();
            }
            if ((request.flags & NbdProtocol.COMMAND_FLAG_FUA) != 0) {
                export.flush();
            }
            return OK;
        } catch (NbdException e) {
            return e.errno();
        } catch (IOException e) {
            return NbdException.EIO;
        }
    }

    private ByteBuffer buffer(int bytes) {
        if (payload.capacity() < bytes) {
            payload = ByteBuffer.allocateDirect(bytes);
        }
        return payload.clear().limit(bytes);
    }

    /** @param length unsigned 32 bits on the wire */
    private record Request(int flags, int command, long cookie, long offset, long length) {
        static Request parse(ByteBuffer header) throws IOException {
            if (header.getInt() != NbdProtocol.REQUEST_MAGIC) {
                throw new IOException("the NBD client sent something else than a request");
            }
            return new Request(
                    Short.toUnsignedInt(header.getShort()),
                    Short.toUnsignedInt(header.getShort()),
                    header.getLong(),
                    header.getLong(),
                    Integer.toUnsignedLong(header.getInt()));
        }
    }
}
