package io.longhaul.engine.transport.tls;

import io.longhaul.engine.transport.Connection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** Prints what a channel carries over loopback, both ends in one process. To be run by hand, alone on its machine. */
final class TlsThroughput {
    private static final long BYTES = 4L << 30;

    private TlsThroughput() {}

    public static void main(String[] arguments) throws IOException {
        TestAuthority authority = new TestAuthority("throughput");
        for (int round = 0; round < 3; round++) {
            for (int piece : new int[] {16 << 10, 64 << 10, 256 << 10, 1 << 20}) {
                measure(authority, piece);
            }
        }
    }

    private static void measure(TestAuthority authority, int piece) throws IOException {
        try (TlsPair pair = new TlsPair()) {
            CompletableFuture<Connection> right = pair.accept(authority.agent("beta"));
            Connection left = pair.connect(authority.agent("alpha"), "beta").join();
            ByteBuffer payload = ByteBuffer.allocate(piece);
            long start = System.nanoTime();
            CompletableFuture<Boolean> writing = pair.start(() -> {
                for (long sent = 0; sent < BYTES; sent += piece) {
                    var unused = left.write(new ByteBuffer[] {payload.clear()});
                }
                left.finishWriting();
                return true;
            });
            ByteBuffer target = ByteBuffer.allocate(256 << 10);
            Connection reader = right.join();
            long read = 0;
            while (reader.read(target.clear()) >= 0) {
                read += target.position();
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            var unused = writing.join();
            System.out.printf("writes of %d KiB: %.0f MB/s%n", piece >> 10, read / seconds / 1e6);
        }
    }
}
