package io.longhaul.engine.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The client's half of the negotiation. Owned by the thread that opens the connection.
 *
 * <p>Block sizes are not asked for: QEMU then takes any alignment and completes blocks itself.
 */
final class NbdHandshake {
    private static final String ALLOCATION = "base:allocation";

    /** Of one option: servers send one for each kind of information, of which there are five. */
    private static final int REPLY_COUNT_LIMIT = 64;

    private final NbdChannel channel;
    private final byte[] exportName;
    private final String exportText;

    private boolean structured;
    private boolean hasAllocation;
    private int allocationContext;

    NbdHandshake(NbdChannel channel, String exportName) {
        this.channel = channel;
        this.exportText = exportName;
        this.exportName = exportName.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * @param allocation whether BLOCK_STATUS may be asked, with the context's number
     */
    record Agreement(long sizeBytes, int exportFlags, boolean structured, boolean allocation, int allocationContext) {}

    Agreement run() throws IOException {
        ByteBuffer greeting = channel.read(18);
        if (greeting.getLong() != NbdProtocol.GREETING_MAGIC || greeting.getLong() != NbdProtocol.OPTION_MAGIC) {
            throw new NbdViolationException("the peer does not greet as a newstyle NBD server");
        }
        int offered = greeting.getShort();
        if ((offered & NbdProtocol.HANDSHAKE_FIXED_NEWSTYLE) == 0) {
            throw new IOException("the NBD server does not know the fixed newstyle negotiation");
        }
        int accepted = offered & (NbdProtocol.HANDSHAKE_FIXED_NEWSTYLE | NbdProtocol.HANDSHAKE_NO_ZEROES);
        channel.write(ByteBuffer.allocate(Integer.BYTES).putInt(accepted).flip());
        askForStructuredReplies();
        if (structured) {
            askForAllocation();
        }
        return go();
    }

    private void askForStructuredReplies() throws IOException {
        send(NbdProtocol.OPTION_STRUCTURED_REPLY, ByteBuffer.allocate(0));
        Reply reply = receive(NbdProtocol.OPTION_STRUCTURED_REPLY);
        channel.skip(reply.length);
        structured = reply.type == NbdProtocol.REPLY_ACK;
    }

    private void askForAllocation() throws IOException {
        byte[] query = ALLOCATION.getBytes(StandardCharsets.UTF_8);
        send(
                NbdProtocol.OPTION_SET_META_CONTEXT,
                ByteBuffer.allocate(3 * Integer.BYTES + exportName.length + query.length)
                        .putInt(exportName.length)
                        .put(exportName)
                        .putInt(1)
                        .putInt(query.length)
                        .put(query)
                        .flip());
        for (int count = 0; count < REPLY_COUNT_LIMIT; count++) {
            Reply reply = receive(NbdProtocol.OPTION_SET_META_CONTEXT);
            if (reply.type != NbdProtocol.REPLY_META_CONTEXT || reply.length < Integer.BYTES) {
                channel.skip(reply.length);
                // An unsupported option and an unknown export end the exchange too; GO will name the latter.
                return;
            }
            int context = channel.read(Integer.BYTES).getInt();
            String name = channel.readText(reply.length - Integer.BYTES);
            if (name.equals(ALLOCATION)) {
                allocationContext = context;
                hasAllocation = true;
            }
        }
        throw new NbdViolationException("the NBD server ends no answer about contexts");
    }

    private Agreement go() throws IOException {
        send(
                NbdProtocol.OPTION_GO,
                ByteBuffer.allocate(Integer.BYTES + exportName.length + Short.BYTES)
                        .putInt(exportName.length)
                        .put(exportName)
                        .putShort((short) 0)
                        .flip());
        long sizeBytes = -1;
        int flags = 0;
        for (int count = 0; count < REPLY_COUNT_LIMIT; count++) {
            Reply reply = receive(NbdProtocol.OPTION_GO);
            if (reply.type == NbdProtocol.REPLY_ACK) {
                channel.skip(reply.length);
                return agreement(sizeBytes, flags);
            }
            if (reply.type != NbdProtocol.REPLY_INFO) {
                String reason = channel.readText(reply.length);
                throw new IOException("the NBD server refused export '" + exportText + "' with reply "
                        + Integer.toHexString(reply.type) + ": " + reason);
            }
            ByteBuffer about = channel.readData(reply.length);
            if (about.remaining() >= 12 && about.getShort() == NbdProtocol.INFO_EXPORT) {
                sizeBytes = about.getLong();
                flags = Short.toUnsignedInt(about.getShort());
            }
        }
        throw new NbdViolationException("the NBD server ends no description of export '" + exportText + "'");
    }

    private Agreement agreement(long sizeBytes, int flags) throws IOException {
        if (sizeBytes < 0) {
            throw new NbdViolationException("the NBD server told no valid size of export '" + exportText + "'");
        }
        return new Agreement(sizeBytes, flags, structured, hasAllocation, allocationContext);
    }

    private void send(int option, ByteBuffer data) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(NbdProtocol.OPTION_BYTES)
                .putLong(NbdProtocol.OPTION_MAGIC)
                .putInt(option)
                .putInt(data.remaining());
        channel.write(header.flip(), data);
    }

    private Reply receive(int option) throws IOException {
        ByteBuffer header = channel.read(NbdProtocol.OPTION_REPLY_BYTES);
        if (header.getLong() != NbdProtocol.OPTION_REPLY_MAGIC || header.getInt() != option) {
            throw new NbdViolationException("the NBD server answered something else than option " + option);
        }
        Reply reply = new Reply(header.getInt(), header.getInt());
        if (reply.length < 0 || reply.length > NbdProtocol.OPTION_LIMIT_BYTES) {
            throw new NbdViolationException(
                    "the NBD server answered option " + option + " with " + reply.length + " bytes");
        }
        return reply;
    }

    private record Reply(int type, int length) {}
}
