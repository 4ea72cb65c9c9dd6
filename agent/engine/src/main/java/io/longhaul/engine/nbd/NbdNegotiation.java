package io.longhaul.engine.nbd;

import io.longhaul.engine.nbd.NbdServerEvents.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The server's half of the fixed newstyle negotiation. Owned by the connection's thread. */
final class NbdNegotiation {
    /** Read-write; trims are asked for because a client that is not offered them drops them without a word. */
    private static final int EXPORT_FLAGS = NbdProtocol.EXPORT_HAS_FLAGS
            | NbdProtocol.EXPORT_SEND_FLUSH
            | NbdProtocol.EXPORT_SEND_FUA
            | NbdProtocol.EXPORT_SEND_TRIM
            | NbdProtocol.EXPORT_SEND_WRITE_ZEROES;

    /** With 1 the client never reads to complete a block. */
    private static final int MINIMUM_BLOCK_BYTES = 1;

    private static final int PREFERRED_BLOCK_BYTES = 64 << 10;
    private static final int EXPORT_NAME_PADDING_BYTES = 124;

    /** A client sends five at most; more is one that never ends. */
    private static final int OPTION_COUNT_LIMIT = 64;

    private final NbdExports exports;
    private final NbdChannel channel;
    private final NbdServerEvents events;
    private boolean padded = true;

    NbdNegotiation(NbdExports exports, NbdChannel channel, NbdServerEvents events) {
        this.exports = exports;
        this.channel = channel;
        this.events = events;
    }

    /** The export the client chose, or null where it left or the connection cannot go on. */
    @Nullable
    NbdExport run() throws IOException {
        greet();
        for (int count = 0; count < OPTION_COUNT_LIMIT; count++) {
            ByteBuffer header = ByteBuffer.allocate(NbdProtocol.OPTION_BYTES);
            if (!channel.readOrEnd(header)) {
                return null;
            }
            header.flip();
            if (header.getLong() != NbdProtocol.OPTION_MAGIC) {
                throw new NbdViolationException("the NBD client sent something else than an option");
            }
            int option = header.getInt();
            ByteBuffer data = optionData(option, Integer.toUnsignedLong(header.getInt()));
            switch (option) {
                case NbdProtocol.OPTION_EXPORT_NAME -> {
                    return chooseWithoutReply(data);
                }
                case NbdProtocol.OPTION_ABORT -> {
                    reply(option, NbdProtocol.REPLY_ACK, ByteBuffer.allocate(0));
                    return null;
                }
                case NbdProtocol.OPTION_GO -> {
                    NbdExport chosen = describe(option, data);
                    if (chosen != null) {
                        return chosen;
                    }
                }
                case NbdProtocol.OPTION_INFO -> describe(option, data);
                case NbdProtocol.OPTION_LIST -> list(data);
                default -> reply(option, NbdProtocol.REPLY_ERROR_UNSUPPORTED, text("not supported"));
            }
        }
        throw new NbdViolationException("the NBD client sent more than " + OPTION_COUNT_LIMIT + " options");
    }

    private ByteBuffer optionData(int option, long length) throws IOException {
        if (length > NbdProtocol.OPTION_LIMIT_BYTES) {
            reply(option, NbdProtocol.REPLY_ERROR_TOO_BIG, ByteBuffer.allocate(0));
            throw new NbdViolationException("the NBD client sent an option of " + length + " bytes");
        }
        return channel.readData((int) length);
    }

    private void greet() throws IOException {
        ByteBuffer greeting = ByteBuffer.allocate(18)
                .putLong(NbdProtocol.GREETING_MAGIC)
                .putLong(NbdProtocol.OPTION_MAGIC)
                .putShort((short) (NbdProtocol.HANDSHAKE_FIXED_NEWSTYLE | NbdProtocol.HANDSHAKE_NO_ZEROES));
        channel.write(greeting.flip());
        int flags = channel.read(Integer.BYTES).getInt();
        int known = NbdProtocol.HANDSHAKE_FIXED_NEWSTYLE | NbdProtocol.HANDSHAKE_NO_ZEROES;
        if ((flags & NbdProtocol.HANDSHAKE_FIXED_NEWSTYLE) == 0 || (flags & ~known) != 0) {
            throw new NbdViolationException(
                    "the NBD client asked for handshake flags " + flags + ", known are " + known);
        }
        padded = (flags & NbdProtocol.HANDSHAKE_NO_ZEROES) == 0;
    }

    private @Nullable NbdExport chooseWithoutReply(ByteBuffer data) throws IOException {
        NbdExport export = exports.find(StandardCharsets.UTF_8.decode(data).toString());
        if (export == null) {
            // This option has no answer but the end of the connection.
            events.count(Kind.REFUSED_OPTION, "no export of this name");
            return null;
        }
        ByteBuffer answer = ByteBuffer.allocate(10 + (padded ? EXPORT_NAME_PADDING_BYTES : 0))
                .putLong(export.sizeBytes())
                .putShort((short) EXPORT_FLAGS);
        channel.write(answer.rewind());
        return export;
    }

    private @Nullable NbdExport describe(int option, ByteBuffer data) throws IOException {
        String name = requestedName(data);
        if (name == null) {
            refuse(option, NbdProtocol.REPLY_ERROR_INVALID, "malformed");
            return null;
        }
        NbdExport export = exports.find(name);
        if (export == null) {
            refuse(option, NbdProtocol.REPLY_ERROR_UNKNOWN_EXPORT, "no export of this name");
            return null;
        }
        ByteBuffer size = ByteBuffer.allocate(12)
                .putShort((short) NbdProtocol.INFO_EXPORT)
                .putLong(export.sizeBytes())
                .putShort((short) EXPORT_FLAGS);
        reply(option, NbdProtocol.REPLY_INFO, size.flip());
        ByteBuffer blocks = ByteBuffer.allocate(14)
                .putShort((short) NbdProtocol.INFO_BLOCK_SIZE)
                .putInt(MINIMUM_BLOCK_BYTES)
                .putInt(PREFERRED_BLOCK_BYTES)
                .putInt(NbdProtocol.PAYLOAD_LIMIT_BYTES);
        reply(option, NbdProtocol.REPLY_INFO, blocks.flip());
        reply(option, NbdProtocol.REPLY_ACK, ByteBuffer.allocate(0));
        return export;
    }

    /** Name length, name, number of information requests, the requests: all of it must fit exactly. */
    private static @Nullable String requestedName(ByteBuffer data) {
        if (data.remaining() < Integer.BYTES + Short.BYTES) {
            return null;
        }
        long nameBytes = Integer.toUnsignedLong(data.getInt());
        if (nameBytes > data.remaining() - Short.BYTES) {
            return null;
        }
        byte[] name = new byte[(int) nameBytes];
        data.get(name);
        int requests = Short.toUnsignedInt(data.getShort());
        return data.remaining() == requests * Short.BYTES ? new String(name, StandardCharsets.UTF_8) : null;
    }

    private void list(ByteBuffer data) throws IOException {
        if (data.hasRemaining()) {
            refuse(NbdProtocol.OPTION_LIST, NbdProtocol.REPLY_ERROR_INVALID, "malformed");
            return;
        }
        for (String name : exports.names()) {
            ByteBuffer encoded = text(name);
            ByteBuffer entry = ByteBuffer.allocate(Integer.BYTES + encoded.remaining())
                    .putInt(encoded.remaining())
                    .put(encoded);
            reply(NbdProtocol.OPTION_LIST, NbdProtocol.REPLY_SERVER, entry.flip());
        }
        reply(NbdProtocol.OPTION_LIST, NbdProtocol.REPLY_ACK, ByteBuffer.allocate(0));
    }

    private void refuse(int option, int type, String reason) throws IOException {
        events.count(Kind.REFUSED_OPTION, "option " + option + ": " + reason);
        reply(option, type, text(reason));
    }

    private void reply(int option, int type, ByteBuffer data) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(NbdProtocol.OPTION_REPLY_BYTES)
                .putLong(NbdProtocol.OPTION_REPLY_MAGIC)
                .putInt(option)
                .putInt(type)
                .putInt(data.remaining());
        channel.write(header.flip(), data);
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
