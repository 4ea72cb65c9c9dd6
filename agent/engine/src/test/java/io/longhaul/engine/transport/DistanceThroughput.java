package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Random;
import java.util.concurrent.CountDownLatch;

/**
 * Prints what a link carries between two processes, such as in two network namespaces: {@code listen ADDRESS}, then
 * {@code connect ADDRESS SECONDS}. To be run by hand.
 */
final class DistanceThroughput {
    private static final SessionId SESSION = new SessionId("distance", 1);
    private static final PeerProof PEER =
            new PeerProof("sixteen bytes or more".getBytes(StandardCharsets.US_ASCII), "any");
    private static final Link.StreamId DISK = Link.StreamId.disk(0);
    private static final int PORT = 7_700;
    private static final int BYTES = 256 << 10;

    private DistanceThroughput() {}

    public static void main(String[] arguments) throws LinkException, InterruptedException {
        LinkEnvironment environment = new LinkEnvironment(Ticker.system(), Thread::new, new SecureRandom());
        InetSocketAddress address = new InetSocketAddress(arguments[1], PORT);
        if (arguments[0].equals("listen")) {
            listen(address, environment);
        } else {
            send(address, environment, Integer.parseInt(arguments[2]));
        }
    }

    private static void listen(InetSocketAddress address, LinkEnvironment environment)
            throws LinkException, InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        try (LinkListener listener = LinkListener.open(address, LinkSettings.defaults(), environment)) {
            listener.expect(SESSION, PEER, link -> {
                link.receive(DISK, (number, frame, consumed) -> consumed.run());
                link.onEnd(end -> over.countDown());
            });
            over.await();
        }
    }

    private static void send(InetSocketAddress address, LinkEnvironment environment, int seconds)
            throws LinkException, InterruptedException {
        long start = System.nanoTime();
        try (Link link = new LinkConnector(environment).connect(address, SESSION, PEER, LinkSettings.defaults())) {
            System.out.printf("link after %d ms%n", (System.nanoTime() - start) / 1_000_000);
            StreamSender sender = link.sender(DISK);
            byte[] payload = new byte[BYTES];
            new Random(1).nextBytes(payload);
            long began = System.nanoTime();
            for (int second = 1; second <= seconds; second++) {
                long before = link.statistics().bytesSent();
                while (System.nanoTime() - began < second * 1_000_000_000L) {
                    sender.send(new Frame(1, 0, 0, ByteBuffer.wrap(payload)));
                }
                Link.LinkStatistics now = link.statistics();
                System.out.printf(
                        "second %d: %.1f MB, on the way %d KiB, round trip %.0f ms, %s%n",
                        second,
                        (now.bytesSent() - before) / 1e6,
                        sender.unacknowledgedBytes() >> 10,
                        now.roundTripMillis(),
                        now);
            }
            sender.awaitAcknowledged();
            long bytes = link.statistics().bytesSent();
            System.out.printf("all: %.1f MB/s%n", bytes / ((System.nanoTime() - began) / 1e9) / 1e6);
        }
    }
}
