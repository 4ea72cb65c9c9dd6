package io.longhaul.bench.cluster;

import io.longhaul.bench.api.PublicApi;
import io.longhaul.client.ApiException;
import io.longhaul.client.model.Host;
import io.longhaul.client.model.HostState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * A control plane and its agents as processes on this machine. Thread safe. Whoever starts it closes it; then no server,
 * guest or socket of it is left.
 */
public final class LonghaulCluster implements AutoCloseable {
    /** Three JVMs start at once, on two cores that may have other work. */
    private static final Duration START_DEADLINE = Duration.ofMinutes(3);

    private static final Duration STOP_GRACE = Duration.ofSeconds(15);
    private static final Duration POLL_PAUSE = Duration.ofMillis(50);

    private final ClusterSettings settings;
    private final PublicApi api;
    private final ServerProcess controlPlane;
    private final Map<String, ServerProcess> agents = new LinkedHashMap<>();

    /** Starts nothing yet. */
    public LonghaulCluster(ClusterSettings settings) {
        this.settings = settings;
        this.api = new PublicApi(settings.controlPlaneUrl());
        this.controlPlane = new ServerProcess(ServerCommand.controlPlane(settings));
        for (HostSettings host : settings.hosts()) {
            agents.put(host.name(), new ServerProcess(ServerCommand.agent(settings, host)));
        }
    }

    /** Returns when the control plane answers and all hosts are ONLINE. */
    public void start() {
        startServers();
        awaitOnline();
    }

    /** Starts all servers at once; agents wait for the control plane by themselves. */
    public void startServers() {
        requireFreePorts();
        Folders.make(settings.dataFolder());
        Folders.makePrivate(settings.socketRoot());
        controlPlane.start();
        agents.values().forEach(ServerProcess::start);
    }

    /** @throws ClusterException that names every port of ours that another program has */
    public void requireFreePorts() {
        Map<Integer, String> uses = new LinkedHashMap<>();
        uses.put(settings.controlPlanePort(), "the control plane (--port N)");
        uses.put(settings.agentsPort(), "what agents report (--report-port N)");
        for (HostSettings host : settings.hosts()) {
            uses.put(host.port(), "the agent of " + host.name() + " (--agent-ports A,B)");
            if (host.transferPort() != 0) {
                uses.put(host.transferPort(), "transfers to " + host.name() + " (--transfer-ports A,B)");
            }
        }
        String taken = uses.entrySet().stream()
                .filter(use -> !Ports.isFree(use.getKey()))
                .map(use -> "port " + use.getKey() + ", meant for " + use.getValue())
                .collect(Collectors.joining("; "));
        if (!taken.isEmpty()) {
            throw new ClusterException("Taken by another program: " + taken
                    + ". End that program, or choose another port with the option in brackets.");
        }
    }

    public void awaitOnline() {
        awaitControlPlane();
        for (String host : agents.keySet()) {
            awaitOnline(host);
        }
    }

    public void awaitControlPlane() {
        await("answer of the control plane", controlPlane, api::isHealthy);
    }

    public void awaitOnline(String host) {
        await("host " + host + " to be ONLINE", agent(host), () -> stateOf(host) == HostState.ONLINE);
    }

    private HostState stateOf(String host) {
        try {
            return api.hosts().listHosts().getHosts().stream()
                    .filter(each -> each.getName().equals(host))
                    .map(Host::getState)
                    .findAny()
                    .orElse(HostState.OFFLINE);
        } catch (ApiException e) {
            return HostState.OFFLINE;
        }
    }

    /** Waits, and fails at once where the server has ended. */
    private void await(String what, ServerProcess server, BooleanSupplier condition) {
        long deadlineNanos = System.nanoTime() + START_DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            if (server.endsWithin(POLL_PAUSE)) {
                throw new ClusterException("The " + server.name() + " ended while it was waited for the " + what
                        + ". The end of its log:\n" + server.logTail(40));
            }
            if (System.nanoTime() > deadlineNanos) {
                throw new ClusterException("Waited " + START_DEADLINE.toSeconds() + " s in vain for the " + what
                        + ". The end of the log:\n" + server.logTail(40));
            }
        }
    }

    /** Blocks until a server has ended by itself, and says which. */
    public String awaitEndOfAServer() {
        while (true) {
            for (ServerProcess server : servers()) {
                if (server.endsWithin(POLL_PAUSE)) {
                    return "The " + server.name() + " has ended. The end of its log:\n" + server.logTail(40);
                }
            }
        }
    }

    /** Lets a moment pass between two questions; fails where a server has ended meanwhile. */
    public void pause() {
        for (ServerProcess server : servers()) {
            if (server.endsWithin(POLL_PAUSE)) {
                throw new ClusterException(
                        "The " + server.name() + " has ended. The end of its log:\n" + server.logTail(40));
            }
        }
    }

    public ClusterSettings settings() {
        return settings;
    }

    public PublicApi api() {
        return api;
    }

    public ServerProcess controlPlane() {
        return controlPlane;
    }

    public ServerProcess agent(String host) {
        return Objects.requireNonNull(agents.get(host), () -> "no host " + host);
    }

    /** QEMU processes of one host, helpers too. */
    public List<ProcessHandle> guests(String host) {
        return LocalProcesses.ofSocketFolder(settings.socketFolder(host));
    }

    public String logTails(int lines) {
        return servers().stream().map(server -> server.logTail(lines)).collect(Collectors.joining("\n"));
    }

    /** Ends what an earlier run with the same data folder has left behind, and says what that was. */
    public List<String> endLeftovers() {
        List<String> ended = new ArrayList<>();
        List<ProcessHandle> servers = LocalProcesses.ofPidFiles(settings.processFolder());
        servers.forEach(server -> ended.add("server " + server.pid()));
        LocalProcesses.end(servers, STOP_GRACE);
        for (String host : agents.keySet()) {
            List<ProcessHandle> guests = guests(host);
            guests.forEach(guest -> ended.add("guest " + guest.pid() + " of " + host));
            LocalProcesses.kill(guests);
        }
        return ended;
    }

    /** The control plane first, so that it orders nothing while agents go. Guests are ended last, as they outlive agents. */
    @Override
    public void close() {
        List<ServerProcess> servers = servers();
        servers.forEach(ServerProcess::askToEnd);
        servers.forEach(server -> server.awaitEnd(STOP_GRACE));
        agents.keySet().forEach(host -> LocalProcesses.kill(guests(host)));
        Folders.remove(settings.socketRoot());
        api.close();
    }

    private List<ServerProcess> servers() {
        List<ServerProcess> all = new ArrayList<>();
        all.add(controlPlane);
        all.addAll(agents.values());
        return all;
    }
}
