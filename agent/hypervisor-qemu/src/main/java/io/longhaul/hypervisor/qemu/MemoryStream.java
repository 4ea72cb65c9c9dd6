package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.engine.hypervisor.SourceGuest.MemorySettings;
import io.longhaul.engine.hypervisor.SourceGuest.MemoryStatistics;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The outgoing memory stream of one QEMU. Thread safe where the port asks for it: tuning and statistics. */
final class MemoryStream {
    private static final Set<String> WANTED = Set.of("events", "pause-before-switchover");
    private static final Set<String> ENDED = Set.of("none", "completed", "failed", "cancelled");

    private final Monitor monitor;
    private final EventSignal signal;
    private final LedgerFiles files;
    private final Path socket;
    private Optional<SocketChannel> stream = Optional.empty();
    private boolean prepared;

    MemoryStream(Monitor monitor, EventSignal signal, LedgerFiles files, Path socket) {
        this.monitor = monitor;
        this.signal = signal;
        this.files = files;
        this.socket = socket;
    }

    /** Sets exactly these capabilities: an agent before this one may have left others, and both ends must agree. */
    static void setCapabilities(Monitor monitor) throws HypervisorException {
        List<QmpMessages.Capability> changes = Arrays.stream(
                        monitor.query("query-migrate-capabilities", QmpMessages.Capability[].class))
                .filter(one -> one.state() != WANTED.contains(one.capability()))
                .map(one -> new QmpMessages.Capability(one.capability(), !one.state()))
                .toList();
        if (!changes.isEmpty()) {
            monitor.execute("migrate-set-capabilities", new QmpMessages.Capabilities(changes));
        }
    }

    /** What can be done before there is anything to carry the stream. */
    void prepare() throws HypervisorException {
        requireEnded();
        setCapabilities(monitor);
        prepared = true;
    }

    ReadableByteChannel start(MemorySettings settings) throws HypervisorException {
        if (!prepared) {
            prepare();
        }
        prepared = false;
        tune(settings);
        files.prepare(socket);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            monitor.execute("migrate", QmpMessages.Channels.unix(socket));
            SocketChannel accepted = accept(server);
            stream = Optional.of(accepted);
            return accepted;
        } catch (IOException e) {
            throw new HypervisorException(Code.COMMAND_FAILED, "the memory stream's socket " + socket, e);
        }
    }

    private void requireEnded() throws HypervisorException {
        if (!ended()) {
            throw new HypervisorException(Code.COMMAND_FAILED, "a memory stream is under way already");
        }
    }

    private SocketChannel accept(ServerSocketChannel server) throws IOException, HypervisorException {
        try (Selector selector = Selector.open()) {
            server.configureBlocking(false);
            SelectionKey key = server.register(selector, SelectionKey.OP_ACCEPT);
            int ready = selector.select(monitor.commandDeadline().toMillis());
            key.cancel();
            SocketChannel accepted = server.accept();
            if (ready == 0 || accepted == null) {
                throw new HypervisorException(Code.TIMED_OUT, "QEMU did not connect to " + socket);
            }
            accepted.configureBlocking(true);
            return accepted;
        }
    }

    void tune(MemorySettings settings) throws HypervisorException {
        monitor.execute(
                "migrate-set-parameters",
                new QmpMessages.MigrationParameters(
                        settings.maxBytesPerSecond(),
                        settings.switchoverBytesPerSecond(),
                        settings.downtimeLimit().toMillis()));
    }

    MemoryStatistics statistics() throws HypervisorException {
        return monitor.migration()
                .ram()
                .map(ram -> new MemoryStatistics(
                        ram.total(), ram.remaining(), ram.dirtySyncCount(), ram.dirtyPagesRate() * ram.pageSize()))
                .orElse(new MemoryStatistics(0, 0, 0, 0));
    }

    void continueSwitchover() throws HypervisorException {
        monitor.execute("migrate-continue", new QmpMessages.MigrationContinue("pre-switchover"));
    }

    /** Ends the stream, whoever started it. Where it completes while it is cancelled, it has completed. Idempotent. */
    void cancel() throws HypervisorException {
        if (!ended()) {
            monitor.execute("migrate_cancel");
            signal.await("the end of the memory stream", monitor.commandDeadline(), this::ended);
        }
    }

    private boolean ended() throws HypervisorException {
        return ENDED.contains(monitor.migration().status().orElse("none"));
    }

    /** Closes our end and removes the socket. Idempotent. */
    void remove() throws HypervisorException {
        closeStream();
        files.remove(socket);
    }

    void closeStream() {
        stream.ifPresent(Closing::quietly);
        stream = Optional.empty();
    }
}
