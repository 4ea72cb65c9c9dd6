package io.longhaul.engine.transport.tls;

import io.longhaul.engine.support.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Two ends over the loopback address. Owned by the test's thread. */
final class TlsPair implements AutoCloseable {
    static final Duration DEADLINE = Duration.ofSeconds(10);

    final ExecutorService threads = Executors.newCachedThreadPool();
    final SocketChannel left;
    final SocketChannel right;

    TlsPair() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            left = SocketChannel.open(server.getLocalAddress());
            right = server.accept();
        }
    }

    interface Step<T> {
        T run() throws Exception;
    }

    <T> CompletableFuture<T> start(Step<T> step) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return step.run();
                    } catch (Exception e) {
                        throw new CompletionException(e);
                    }
                },
                threads);
    }

    CompletableFuture<TlsChannel> connect(TlsIdentity identity, String expected) {
        return start(() -> TlsChannel.connect(left, identity.context(), expected, DEADLINE, Ticker.system()));
    }

    CompletableFuture<TlsChannel> accept(TlsIdentity identity) {
        return start(() -> TlsChannel.accept(right, identity.context(), DEADLINE, Ticker.system()));
    }

    TlsChannel acceptNow(TlsIdentity identity, Duration deadline) throws IOException, GeneralSecurityException {
        return TlsChannel.accept(right, identity.context(), deadline, Ticker.system());
    }

    @Override
    public void close() throws IOException {
        left.close();
        right.close();
        threads.shutdownNow();
    }
}
