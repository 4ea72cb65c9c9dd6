package io.longhaul.engine.nbd;

import io.longhaul.engine.nbd.NbdServerEvents.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The server's half of the transmission phase: one request at a time, each answered before the next is read. Owned by
 * the connection's thread.
 *
 * <p>Payloads pass in pieces, so that what a connection holds does not depend on what its client asks for. A read that
 * fails after its first piece ends the connection, because its reply has said by then that it is good.
 */
final class NbdTransmission {
    /** A socket's buffer holds less, so larger pieces would not save a system call. */
    private static final int PIECE_BYTES = 256 << 10;

    private static final int OK = 0;

    private final NbdChannel channel;
    private final NbdExport export;
    private final NbdServerEvents events;
    private final ByteBuffer requestHeader = ByteBuffer.allocateDirect(NbdProtocol.REQUEST_BYTES);
    private final ByteBuffer replyHeader = ByteBuffer.allocateDirect(NbdProtocol.SIMPLE_REPLY_BYTES);
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);

    NbdTransmission(NbdChannel channel, NbdExport export, NbdServerEvents events) {
        this.channel = channel;
        this.export = export;
        this.events = events;
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
        int refusal = refusal(request);
        if (refusal != OK) {
            events.count(
                    Kind.REFUSED_REQUEST,
                    "command " + request.command + " at " + request.offset + "+" + request.length + ", flags "
                            + request.flags);
            if (request.command == NbdProtocol.COMMAND_WRITE) {
                // The payload follows all the same: past it the next request begins.
                channel.skip(request.length);
            }
            reply(request, refusal);
        } else if (request.command == NbdProtocol.COMMAND_READ) {
            read(request);
        } else {
            int error = request.command == NbdProtocol.COMMAND_WRITE ? write(request) : change(request);
            if (error == OK && (request.flags & NbdProtocol.COMMAND_FLAG_FUA) != 0) {
                error = attempt(export::flush);
            }
            reply(request, error);
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

    private void read(Request request) throws IOException {
        long end = request.offset + request.length;
        int error = attempt(() -> fill(request.offset, end));
        if (error != OK || request.length == 0) {
            reply(request, error);
            return;
        }
        channel.write(header(request, OK), piece.flip());
        for (long next = request.offset + PIECE_BYTES; next < end; next += PIECE_BYTES) {
            fill(next, end);
            channel.write(piece.flip());
        }
    }

    private void fill(long from, long end) throws IOException {
        piece.clear().limit((int) Math.min(PIECE_BYTES, end - from));
        if (piece.hasRemaining()) {
            export.read(from, piece);
        }
    }

    /** Takes the whole payload, whatever becomes of its parts. */
    private int write(Request request) throws IOException {
        long end = request.offset + request.length;
        int error = OK;
        for (long next = request.offset; next < end; next += PIECE_BYTES) {
            piece.clear().limit((int) Math.min(PIECE_BYTES, end - next));
            channel.readInto(piece);
            if (error == OK) {
                long from = next;
                error = attempt(() -> export.write(from, piece.flip()));
            }
        }
        return error;
    }

    private int change(Request request) {
        if (request.length == 0 && request.command != NbdProtocol.COMMAND_FLUSH) {
            return OK;
        }
        return attempt(() -> {
            switch (request.command) {
                case NbdProtocol.COMMAND_WRITE_ZEROES -> export.writeZeroes(request.offset, request.length);
                case NbdProtocol.COMMAND_TRIM -> export.discard(request.offset, request.length);
                default -> export.flush();
            }
        });
    }

    private interface Action {
        void run() throws IOException;
    }

    private int attempt(Action action) {
        try {
            action.run();
            return OK;
        } catch (NbdException e) {
            events.count(Kind.FAILED_REQUEST, e.getMessage());
            return e.errno();
        } catch (IOException e) {
            events.count(Kind.FAILED_REQUEST, e.toString());
            return NbdException.EIO;
        }
    }

    private void reply(Request request, int error) throws IOException {
        channel.write(header(request, error));
    }

    private ByteBuffer header(Request request, int error) {
        return replyHeader
                .clear()
                .putInt(NbdProtocol.SIMPLE_REPLY_MAGIC)
                .putInt(error)
                .putLong(request.cookie)
                .flip();
    }

    /** @param length unsigned 32 bits on the wire */
    private record Request(int flags, int command, long cookie, long offset, long length) {
        static Request parse(ByteBuffer header) throws IOException {
            if (header.getInt() != NbdProtocol.REQUEST_MAGIC) {
                throw new NbdViolationException("the NBD client sent something else than a request");
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
