package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.hypervisor.qemu.qmp.QmpConnection;
import io.longhaul.hypervisor.qemu.qmp.QmpException;
import io.longhaul.hypervisor.qemu.qmp.QmpListener;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** A QMP connection whose errors are the ports' errors. Thread safe. */
final class Monitor implements AutoCloseable {
    private final QmpConnection connection;
    private final Duration commandDeadline;

    private Monitor(QmpConnection connection, Duration commandDeadline) {
        this.connection = connection;
        this.commandDeadline = commandDeadline;
    }

    static Monitor connect(Path socket, QemuSettings settings, ThreadFactory threads, QmpListener listener)
            throws HypervisorException {
        try {
            Duration deadline = settings.commandDeadline();
            return new Monitor(QmpConnection.connect(socket, deadline, threads, listener), deadline);
        } catch (IOException e) {
            // A socket that accepts and does not greet serves another client, or its QEMU hangs.
            boolean silent = e.getCause() instanceof QmpException error && error.kind() == QmpException.Kind.TIMED_OUT;
            throw new HypervisorException(
                    silent ? Code.TIMED_OUT : Code.GUEST_GONE,
                    "no QEMU answers at " + socket + ": " + e.getMessage(),
                    e);
        }
    }

    Duration commandDeadline() {
        return commandDeadline;
    }

    boolean hasEnded() {
        return connection.hasEnded();
    }

    JsonNode execute(String command) throws HypervisorException {
        return execute(command, Map.of());
    }

    JsonNode execute(String command, Object arguments) throws HypervisorException {
        try {
            return connection.execute(command, arguments);
        } catch (QmpException e) {
            throw QemuErrors.of(e);
        }
    }

    /** Does not wait for the answer, nor tell of a refusal. */
    void post(String command, Object arguments) throws HypervisorException {
        try {
            connection.post(command, arguments);
        } catch (QmpException e) {
            throw QemuErrors.of(e);
        }
    }

    <T> T query(String command, Class<T> type) throws HypervisorException {
        try {
            return connection.query(command, type);
        } catch (QmpException e) {
            throw QemuErrors.of(e);
        }
    }

    QmpMessages.Status status() throws HypervisorException {
        return query("query-status", QmpMessages.Status.class);
    }

    QmpMessages.Migration migration() throws HypervisorException {
        return query("query-migrate", QmpMessages.Migration.class);
    }

    List<QmpMessages.Job> jobs() throws HypervisorException {
        return ours(query("query-block-jobs", QmpMessages.Job[].class), QmpMessages.Job::device);
    }

    List<QmpMessages.Export> exports() throws HypervisorException {
        return ours(query("query-block-exports", QmpMessages.Export[].class), QmpMessages.Export::id);
    }

    List<QmpMessages.Node> nodes() throws HypervisorException {
        return ours(query("query-named-block-nodes", QmpMessages.Node[].class), QmpMessages.Node::nodeName);
    }

    private static <T> List<T> ours(T[] all, Function<T, String> name) {
        return Arrays.stream(all)
                .filter(one -> name.apply(one).startsWith(NodeNames.MIGRATION))
                .toList();
    }

    @Override
    public void close() {
        connection.close();
    }
}
