package io.longhaul.engine.nbd;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a client may say to our server: no exception, no range beyond the disk, no answer out of proportion. */
public final class NbdServerFuzz {
    private NbdServerFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        NbdExports exports = new NbdExports();
        exports.add("disk", new BoundaryExport());
        DiscardedOutput output = new DiscardedOutput();
        NbdServerEvents events = new NbdServerEvents("fuzzed");
        new NbdServerConnection(NbdBytes.channel(input, output), exports, events, connection -> {}).run();
        NbdServerCounters counters = events.counters();
        long largest = 1024 + (input.length / NbdProtocol.OPTION_BYTES + 1L) * (BoundaryExport.SIZE + 256L);
        if (output.written() > largest || counters.violations() + counters.cutConnections() > 1) {
            throw new AssertionError(output.written() + " bytes for " + input.length + ", " + counters);
        }
    }

    public static List<byte[]> seeds() {
        byte[] name = "disk".getBytes(StandardCharsets.UTF_8);
        return List.of(
                requests(NbdBytes.client(3).go("disk")),
                requests(NbdBytes.client(1).option(NbdProtocol.OPTION_EXPORT_NAME, name)),
                NbdBytes.client(3)
                        .option(NbdProtocol.OPTION_STRUCTURED_REPLY, 0)
                        .option(NbdProtocol.OPTION_LIST, 0)
                        .option(NbdProtocol.OPTION_INFO, NbdBytes.named("disk"))
                        .option(NbdProtocol.OPTION_INFO, NbdBytes.named("other"))
                        .option(NbdProtocol.OPTION_GO, new byte[] {0, 0, 1, 0, 'd'})
                        .option(77, new byte[5])
                        .option(NbdProtocol.OPTION_ABORT, 0)
                        .toByteArray(),
                NbdBytes.client(3).option(NbdProtocol.OPTION_GO, -1).toByteArray(),
                NbdBytes.client(4).toByteArray());
    }

    private static byte[] requests(NbdBytes negotiated) {
        return negotiated
                .request(0, NbdProtocol.COMMAND_WRITE, 100, 64)
                .raw(64, 7)
                .request(NbdProtocol.COMMAND_FLAG_FUA, NbdProtocol.COMMAND_WRITE, BoundaryExport.SIZE - 3, 4)
                .raw(4, 7)
                .request(0, NbdProtocol.COMMAND_READ, 0, BoundaryExport.SIZE)
                .request(0, NbdProtocol.COMMAND_READ, BoundaryExport.SIZE, 1)
                .request(NbdProtocol.COMMAND_FLAG_NO_HOLE, NbdProtocol.COMMAND_WRITE_ZEROES, 5, 70_000)
                .request(0, NbdProtocol.COMMAND_TRIM, -1, 70_000)
                .request(0, NbdProtocol.COMMAND_TRIM, 1, 1)
                .request(0, NbdProtocol.COMMAND_BLOCK_STATUS, 0, 4096)
                .request(0x40, NbdProtocol.COMMAND_FLUSH, 0, 0)
                .request(0, NbdProtocol.COMMAND_FLUSH, 0, 0)
                .request(0, NbdProtocol.COMMAND_WRITE_ZEROES, 0, 0xFFFF_FFFFL)
                .request(0, NbdProtocol.COMMAND_DISCONNECT, 0, 0)
                .toByteArray();
    }
}
