package io.longhaul.engine.transport.tls;

import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.Connection;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
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

    CompletableFuture<Connection> connect(TlsIdentity identity, String expected) {
        return start(() -> proven(protection(identity, DEADLINE).connecting(left, expected)));
    }

    CompletableFuture<Connection> accept(TlsIdentity identity) {
        return start(() -> acceptNow(identity, DEADLINE));
    }

    Connection acceptNow(TlsIdentity identity, Duration deadline) throws IOException, GeneralSecurityException {
        return proven(protection(identity, deadline).accepting(right));
    }

    static TlsProtection protection(TlsIdentity identity, Duration deadline) throws GeneralSecurityException {
        TlsContexts contexts = new TlsContexts();
        contexts.replace(identity);
        return new TlsProtection(contexts, deadline, Ticker.system());
    }

    /** The handshake is part of the first read or write, of nothing here. */
    static Connection proven(Connection connection) throws IOException {
        int none = connection.read(ByteBuffer.allocate(0));
        if (none < 0) {
            throw new EOFException("hung up");
        }
        return connection;
    }

    @Override
    public void close() throws IOException {
        left.close();
        right.close();
        threads.shutdownNow();
    }
}
