package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.tls.TestAuthority;
import io.longhaul.engine.transport.tls.TlsContexts;
import io.longhaul.engine.transport.tls.TlsProtection;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;

/**
 * Prints what a link carries over loopback, both ends in one process, as it is and with TLS. To be run by hand, alone on
 * its machine.
 */
final class LoopbackThroughput {
    private static final long BYTES = 4L << 30;

    private LoopbackThroughput() {}

    public static void main(String[] arguments) throws GeneralSecurityException, LinkException, InterruptedException {
        TestAuthority authority = new TestAuthority("throughput");
        Protection ofSource = tls(authority, LinkPair.SOURCE.hostName());
        Protection ofDestination = tls(authority, LinkPair.DESTINATION.hostName());
        for (int round = 0; round < 3; round++) {
            for (int payloadBytes : new int[] {4 << 10, 64 << 10, 128 << 10, 256 << 10, 1 << 20}) {
                compare(payloadBytes, Link.StreamId.disk(0), ofSource, ofDestination);
            }
            compare(64 << 10, Link.StreamId.MEMORY, ofSource, ofDestination);
        }
    }

    private static Protection tls(TestAuthority authority, String hostName) throws GeneralSecurityException {
        TlsContexts contexts = new TlsContexts();
        contexts.replace(authority.agent(hostName));
        return new TlsProtection(contexts, LinkSettings.defaults().handshakeTimeout(), Ticker.system());
    }

    private static void compare(int payloadBytes, Link.StreamId stream, Protection ofSource, Protection ofDestination)
            throws LinkException, InterruptedException {
        double plain = measure(payloadBytes, stream, Protection.none(), Protection.none());
        double protectedOne = measure(payloadBytes, stream, ofSource, ofDestination);
        System.out.printf(
                "%s %d KiB: %.0f MB/s, with TLS %.0f MB/s (%.2f)%n",
                stream, payloadBytes >> 10, plain, protectedOne, protectedOne / plain);
    }

    private static double measure(int payloadBytes, Link.StreamId stream, Protection ofSource, Protection ofDestination)
            throws LinkException, InterruptedException {
        LinkSettings settings = LinkSettings.defaults().withCompression(false);
        try (LinkPair pair = new LinkPair(settings, ofSource, ofDestination)) {
            pair.connectThrough(pair.listener.address(), settings);
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
            return frames * payloadBytes / seconds / 1e6;
        }
    }
}
