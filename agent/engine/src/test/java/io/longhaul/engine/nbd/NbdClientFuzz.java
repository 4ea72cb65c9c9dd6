package io.longhaul.engine.nbd;

import io.longhaul.engine.hypervisor.DiskReader.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * What a server may say to our client: nothing but an IOException, and a read that succeeds has filled its buffer with
 * what came, whatever was there before.
 */
public final class NbdClientFuzz {
    private static final int READ_BYTES = 4096;
    private static final long ASKED_BYTES = 1 << 20;

    private NbdClientFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        byte[] once = converse(input, (byte) 0);
        byte[] again = converse(input, (byte) 0x5A);
        if (once.length != again.length || once.length > 0 && !Arrays.equals(once, again)) {
            throw new AssertionError("a read left bytes in its buffer that the server had not sent");
        }
    }

    /** What a read brought, over what was in the buffer before; empty where it failed. */
    private static byte[] converse(byte[] input, byte before) {
        byte[] read = new byte[READ_BYTES];
        Arrays.fill(read, before);
        boolean filled = false;
        try {
            NbdConnection connection = NbdConnection.over(NbdBytes.channel(input, new DiscardedOutput()), "disk");
            filled = attempt(connection, () -> connection.read(512, ByteBuffer.wrap(read)));
            attempt(connection, () -> checkExtents(connection.blockStatus(0, ASKED_BYTES)));
            attempt(connection, () -> connection.write(0, ByteBuffer.allocate(512)));
            attempt(connection, () -> connection.writeZeroes(0, 512));
            attempt(connection, connection::flush);
            connection.disconnect();
        } catch (IOException allowed) {
            // The server is one that nobody can talk to.
        }
        return filled ? read : new byte[0];
    }

    private interface Exchange {
        void run() throws IOException;
    }

    private static boolean attempt(NbdConnection connection, Exchange exchange) throws IOException {
        try {
            exchange.run();
            return true;
        } catch (NbdException e) {
            if (connection.broken()) {
                throw new AssertionError("an error that the server told has broken the connection", e);
            }
            return false;
        }
    }

    private static void checkExtents(List<Extent> extents) {
        long next = 0;
        for (Extent extent : extents) {
            if (extent.offset() != next || extent.lengthBytes() <= 0) {
                throw new AssertionError("extents that do not follow each other: " + extents);
            }
            next += extent.lengthBytes();
        }
        if (extents.isEmpty()) {
            throw new AssertionError("no extents and no error");
        }
    }

    public static List<byte[]> seeds() {
        byte[] status = ByteBuffer.allocate(4 + 3 * 8)
                .putInt(9)
                .putInt(4096)
                .putInt(0)
                .putInt(4096)
                .putInt(3)
                .putInt(65_536)
                .putInt(3)
                .array();
        byte[] failure = ByteBuffer.allocate(9)
                .putInt(NbdException.EIO)
                .putShort((short) 3)
                .array();
        int done = NbdProtocol.CHUNK_FLAG_DONE;
        return List.of(
                NbdBytes.agreeingServer(1 << 20)
                        .dataChunk(0, 1, 512, 1000, 1)
                        .holeChunk(0, 1, 1512, 1000)
                        .dataChunk(done, 1, 2512, 2096, 2)
                        .chunk(done, NbdProtocol.CHUNK_BLOCK_STATUS, 2, status)
                        .simpleReply(0, 3)
                        .chunk(done, NbdProtocol.CHUNK_NONE, 4, new byte[0])
                        .chunk(done, NbdProtocol.CHUNK_ERROR_BIT | 1, 5, failure)
                        .toByteArray(),
                NbdBytes.agreeingServer(1 << 20)
                        .dataChunk(0, 1, 2608, 2000, 2)
                        .dataChunk(0, 1, 512, 2096, 1)
                        .chunk(done, NbdProtocol.CHUNK_NONE, 1, new byte[0])
                        .chunk(done, NbdProtocol.CHUNK_ERROR_BIT | 1, 2, failure)
                        .toByteArray(),
                NbdBytes.server(3)
                        .optionReply(8, NbdProtocol.REPLY_ERROR_UNSUPPORTED, new byte[3])
                        .optionReply(7, NbdProtocol.REPLY_INFO, new byte[] {0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1})
                        .optionReply(7, NbdProtocol.REPLY_INFO, new byte[] {0, 3, 0, 0, 0, 1})
                        .optionReply(7, NbdProtocol.REPLY_ACK, new byte[0])
                        .simpleReply(0, 1)
                        .raw(READ_BYTES, 3)
                        .simpleReply(NbdException.EINVAL, 2)
                        .simpleReply(NbdException.ENOSPC, 3)
                        .toByteArray(),
                NbdBytes.server(3)
                        .optionReply(8, NbdProtocol.REPLY_ACK, new byte[0])
                        .optionReply(10, NbdProtocol.REPLY_ERROR_UNKNOWN_EXPORT, new byte[0])
                        .optionReply(
                                7,
                                NbdProtocol.REPLY_ERROR_UNKNOWN_EXPORT,
                                "none".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                        .toByteArray());
    }
}
