package io.longhaul.engine.nbd;

import io.longhaul.engine.nbd.NbdServerEvents.Kind;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Offers exports on a unix socket. Thread safe. One thread of the factory accepts, and one serves each connection.
 *
 * <p>What a connection may hold is 256 KiB, whatever its requests are: 16 MiB in all. Connections beyond the limit are
 * closed at once.
 * The socket's folder must keep strangers out; the socket itself is made for its owner only as well.
 */
public final class NbdServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NbdServer.class);

    /** QEMU opens one connection for each export it uses; the rest is room for its reconnects and for tools. */
    private static final int CONNECTION_LIMIT = 64;

    private final Path socketPath;
    private final ServerSocketChannel listener;
    private final ThreadFactory threads;
    private final NbdExports exports = new NbdExports();
    private final NbdServerEvents events;
    private final Set<NbdServerConnection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private NbdServer(Path socketPath, ServerSocketChannel listener, ThreadFactory threads) {
        this.socketPath = socketPath;
        this.listener = listener;
        this.threads = threads;
        this.events = new NbdServerEvents(String.valueOf(socketPath.getFileName()));
    }

    /** Listens at once. Fails where the path exists. */
    public static NbdServer open(Path socketPath, ThreadFactory threads) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(socketPath));
            Files.setPosixFilePermissions(socketPath, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        NbdServer server = new NbdServer(socketPath, listener, threads);
        threads.newThread(server::accept).start();
        return server;
    }

    /** Offers a disk under a name, to connections made from now on. */
    public void addExport(String name, NbdExport export) {
        exports.add(name, export);
    }

    /** Ends the export's connections. A request that is under way may still reach the export. */
    public void removeExport(String name) {
        NbdExport export = exports.remove(name);
        connections.stream().filter(connection -> connection.serves(export)).forEach(NbdServerConnection::close);
    }

    /** Ends all connections and removes the socket. Idempotent. */
    @Override
    public void close() {
        closed = true;
        try {
            listener.close();
            Files.deleteIfExists(socketPath);
        } catch (IOException e) {
            LOG.warn("NBD socket {} was not removed: {}", socketPath, e.getMessage());
        }
        connections.forEach(NbdServerConnection::close);
    }

    /** What clients have done so far that they should not. */
    public NbdServerCounters counters() {
        return events.counters();
    }

    private void ended(NbdServerConnection connection) {
        connections.remove(connection);
    }

    private void accept() {
        while (!closed) {
            try {
                serve(listener.accept());
            } catch (IOException | RuntimeException | Error e) {
                if (!closed) {
                    LOG.warn("NBD socket {} accepts no more: {}", socketPath, e.toString());
                    close();
                }
            }
        }
    }

    private void serve(SocketChannel socket) {
        NbdServerConnection connection = new NbdServerConnection(new NbdChannel(socket), exports, events, this::ended);
        if (connections.size() >= CONNECTION_LIMIT) {
            events.count(Kind.REFUSED_CONNECTION, CONNECTION_LIMIT + " are open");
            connection.close();
            return;
        }
        connections.add(connection);
        events.count(Kind.CONNECTION);
        if (closed) {
            connection.close();
        }
        threads.newThread(connection).start();
    }
}
