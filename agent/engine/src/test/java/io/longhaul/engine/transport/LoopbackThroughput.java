package io.longhaul.engine.transport;

import java.nio.ByteBuffer;

/** Prints what a link carries over loopback, both ends in one process. To be run by hand, alone on its machine. */
final class LoopbackThroughput {
    private static final long BYTES = 4L << 30;

    private LoopbackThroughput() {}

    public static void main(String[] arguments) throws LinkException, InterruptedException {
        for (int round = 0; round < 3; round++) {
            for (int payloadBytes : new int[] {4 << 10, 64 << 10, 128 << 10, 256 << 10, 1 << 20}) {
                measure(payloadBytes, Link.StreamId.disk(0));
            }
            measure(64 << 10, Link.StreamId.MEMORY);
        }
    }

    private static void measure(int payloadBytes, Link.StreamId stream) throws LinkException, InterruptedException {
        try (LinkPair pair = LinkPair.open(LinkSettings.defaults())) {
            pair.destination().receive(stream, (number, frame, consumed) -> consumed.run());
            StreamSender sender = pair.source().sender(stream);
            ByteBuffer payload = ByteBuffer.allocate(payloadBytes);
            long frames = BYTES / payloadBytes / (payloadBytes < 64 << 10 ? 4 : 1);
            long start = System.nanoTime();
            for (long index = 0; index < frames; index++) {
                sender.send(new Frame(1, index, payloadBytes, payload));
            }
            sender.awaitAcknowledged();
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    "%s %d KiB: %.0f MB/s%n", stream, payloadBytes >> 10, frames * payloadBytes / seconds / 1e6);
        }
    }
}
