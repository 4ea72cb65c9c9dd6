package io.longhaul.bench.wan;

import io.longhaul.bench.api.MigrationFollower;
import io.longhaul.bench.api.MigrationFollower.ImpatienceException;
import io.longhaul.bench.api.PublicApi;
import io.longhaul.bench.cluster.ClusterSettings;
import io.longhaul.bench.cluster.Folders;
import io.longhaul.bench.cluster.HostSettings;
import io.longhaul.bench.cluster.LonghaulCluster;
import io.longhaul.bench.cluster.Ports;
import io.longhaul.bench.cluster.ProgramJars;
import io.longhaul.bench.wan.Namespaces.Host;
import io.longhaul.client.ApiException;
import io.longhaul.client.model.CreateMigration;
import io.longhaul.client.model.CreateVm;
import io.longhaul.client.model.GuestProbeState;
import io.longhaul.client.model.Migration;
import io.longhaul.client.model.MigrationPolicy;
import io.longhaul.client.model.MigrationProgress;
import io.longhaul.client.model.MigrationState;
import io.longhaul.client.model.Receipt;
import io.longhaul.client.model.Vm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Longhaul: an agent on each host, a control plane near both. Owned by the benchmark's thread. */
final class OurSide implements MovingSide, AutoCloseable {
    private static final String SOURCE = "host-a";
    private static final String DESTINATION = "host-b";
    private static final String MANAGEMENT_ADDRESS = "management.server.address";
    private static final String MANAGEMENT_PORT = "management.server.port";
    private static final Duration HEALTHY_DEADLINE = Duration.ofMinutes(6);

    private final WanLink link;
    private final LonghaulCluster cluster;
    private final Consumer<String> say;
    private int moves;

    private OurSide(WanLink link, LonghaulCluster cluster, Consumer<String> say) {
        this.link = link;
        this.cluster = cluster;
        this.say = say;
    }

    /** Makes the cluster known, and starts nothing; closing it is the caller's duty from here on. */
    static OurSide of(WanOptions options, Namespaces hosts, WanLink link, Path folder, Consumer<String> say) {
        return new OurSide(link, new LonghaulCluster(settings(options, hosts, folder)), say);
    }

    static ClusterSettings settings(WanOptions options, Namespaces hosts, Path folder) {
        List<Integer> ports = Ports.free(6);
        return new ClusterSettings(
                ProgramJars.ofCheckout(options.checkout()),
                folder,
                ports.get(0),
                Map.of(
                        "server.address", hosts.controlAddress(),
                        "longhaul.agents-address", hosts.controlAddress(),
                        "longhaul.agents-port", Integer.toString(ports.get(3))),
                List.of(
                        host(SOURCE, "west", ports.get(1), ports.get(4), hosts, Host.A, options),
                        host(DESTINATION, "east", ports.get(2), ports.get(5), hosts, Host.B, options)));
    }

    /** The agent listens on the link's address only; the control plane reaches that without the link. */
    private static HostSettings host(
            String name, String site, int port, int managementPort, Namespaces hosts, Host host, WanOptions options) {
        Map<String, String> properties = new HashMap<>();
        properties.put("server.address", hosts.linkAddress(host));
        // In its namespace loopback is the host's own, so that only the link's address can be reached from here.
        properties.put(MANAGEMENT_ADDRESS, hosts.linkAddress(host));
        properties.put(MANAGEMENT_PORT, Integer.toString(managementPort));
        properties.put("longhaul.agent.advertise-url", "https://" + hosts.linkAddress(host) + ":" + port);
        properties.put("longhaul.agent.transfer-address", hosts.linkAddress(host) + ":0");
        options.connections()
                .ifPresent(count -> properties.put("longhaul.agent.transfer-connections", Integer.toString(count)));
        return new HostSettings(name, site, port, 0, properties, hosts.launcher(host));
    }

    /** @param guest whose image host b is given, so that it need not cross the link */
    void start(WorkGuest guest) {
        Folders.make(cluster.settings().logFolder());
        Folders.make(cluster.settings().poolFolder(SOURCE));
        cluster.start();
        try {
            cluster.api()
                    .vms()
                    .createVm(new CreateVm().host(DESTINATION).definition(guest.residentDefinition("resident")), null);
        } catch (ApiException e) {
            throw failure("The resident machine could not be created", e);
        }
    }

    /** What the source's agent found usable when it tried. */
    String accelerator() {
        try {
            return cluster.api().hosts().listHosts().getHosts().stream()
                    .filter(host -> host.getName().equals(SOURCE))
                    .map(host -> host.getInventory().getAccelerator())
                    .findAny()
                    .orElseThrow(() -> new WanException(SOURCE + " has not said what it has"));
        } catch (ApiException e) {
            throw failure("The hosts could not be listed", e);
        }
    }

    @Override
    public Measurement move(Trial trial) {
        WorkGuest guest = trial.guest();
        String name = "wan-" + moves++;
        Path disk = cluster.settings().poolFolder(SOURCE).resolve(name + ".raw");
        guest.copyDisk(disk);
        try {
            Vm vm = cluster.api()
                    .vms()
                    .createVm(
                            new CreateVm().host(SOURCE).definition(guest.definition(name, disk.getFileName() + "")),
                            null);
            try (SerialLog source = follow(SOURCE, vm.getId());
                    SerialLog destination = follow(DESTINATION, vm.getId())) {
                return new Move(trial, name, disk, source, destination).run();
            } finally {
                remove(name);
            }
        } catch (ApiException e) {
            throw failure("The control plane refused a request", e);
        } finally {
            removeDisks();
        }
    }

    /** One move, from the guest's start to its last second. Owned by the benchmark's thread. */
    private final class Move {
        private final Trial trial;
        private final String name;
        private final Path disk;
        private final SerialLog source;
        private final SerialLog destination;
        private int rounds;
        private long pagesSent;
        private long pagesReferenced;

        Move(Trial trial, String name, Path disk, SerialLog source, SerialLog destination) {
            this.trial = trial;
            this.name = name;
            this.disk = disk;
            this.source = source;
            this.destination = destination;
        }

        Measurement run() throws ApiException {
            cluster.api().vms().startVm(name);
            awaitHealthy(name);
            Settling.await(source, Settling.LONG);
            long diskBytes = WorkGuest.allocatedBytes(disk);
            link.mark();
            try (Traffic traffic = Traffic.watch(link);
                    AgentMemory memory = new AgentMemory(agents())) {
                Migration ended = follow(accept(), traffic);
                long endNanos = System.nanoTime();
                WanLink.LinkCount count = link.count();
                if (ended.getState() == MigrationState.COMPLETED) {
                    Settling.await(destination, trial.after());
                }
                say.accept("  stages: " + Stages.describe(ended.getHistory()));
                Map<Figure, Double> figures = new EnumMap<>(Figure.class);
                figures.put(Figure.BYTES_ON_WIRE, (double) count.bytes());
                figures.putAll(receiptFigures(ended.getReceipt()));
                figures.putAll(memory.figures());
                figures.putAll(trafficFigures(ended, traffic, diskBytes));
                return new GuestStory(source.entries(), destination.entries(), count.firstNanos(), endNanos)
                        .measure()
                        .with(figures);
            }
        }

        private Map<Figure, Double> trafficFigures(Migration ended, Traffic traffic, long diskBytes) {
            Map<Figure, Double> figures = new EnumMap<>(Figure.class);
            Optional<Span> disks = Stages.span(ended.getHistory(), MigrationState.COPYING_DISKS);
            Optional<Span> memory = Stages.span(ended.getHistory(), MigrationState.COPYING_MEMORY);
            if (disks.isPresent()) {
                Span copying = disks.get();
                figures.putAll(CopyFigures.of(
                        copying, traffic, diskBytes, trial.options().link()));
                long end = memory.map(Span::toNanos).orElse(copying.toNanos());
                trial.options()
                        .extras()
                        .rateCapBytes()
                        .ifPresent(cap ->
                                figures.putAll(CopyFigures.ofCap(new Span(copying.fromNanos(), end), traffic, cap)));
            }
            return figures;
        }

        private Migration accept() throws ApiException {
            MigrationPolicy policy = new MigrationPolicy();
            trial.options().extras().rateCapBytes().ifPresent(policy::setMaxBytesPerSecond);
            return cluster.api()
                    .migrations()
                    .createMigration(
                            new CreateMigration()
                                    .vm(name)
                                    .destination(DESTINATION)
                                    .policy(policy),
                            UUID.randomUUID().toString());
        }

        private Migration follow(Migration accepted, Traffic traffic) throws ApiException {
            if (trial.cut().isEmpty()) {
                return followToTheEnd(trial.options().deadline(), accepted, this::note);
            }
            try (LinkCutter cutter = new LinkCutter(trial.cut().get(), link, traffic, say)) {
                Migration ended = followToTheEnd(trial.options().deadline(), accepted, seen -> {
                    note(seen);
                    cutter.onState(seen.getState());
                });
                if (!cutter.done()) {
                    say.accept("  the link was not cut, or not mended before the move ended");
                }
                return ended;
            }
        }

        private void note(Migration seen) {
            MigrationProgress progress = seen.getProgress();
            if (progress != null && progress.getMemoryRounds() != null) {
                rounds = Math.max(rounds, progress.getMemoryRounds());
            }
            if (progress != null && progress.getPagesSent() != null) {
                pagesSent = Math.max(pagesSent, progress.getPagesSent());
            }
            if (progress != null && progress.getPagesReferenced() != null) {
                pagesReferenced = Math.max(pagesReferenced, progress.getPagesReferenced());
            }
        }

        private Map<Figure, Double> receiptFigures(@Nullable Receipt receipt) {
            Map<Figure, Double> figures = new EnumMap<>(Figure.class);
            if (receipt != null && receipt.getDowntimeMillis() != null) {
                figures.put(Figure.DOWNTIME_MILLIS, receipt.getDowntimeMillis().doubleValue());
            }
            if (pagesSent > 0) {
                figures.put(Figure.PAGES_SENT, (double) pagesSent);
                figures.put(Figure.PAGES_REFERENCED, (double) pagesReferenced);
                if (rounds > 0) {
                    figures.put(Figure.MEMORY_ROUNDS, (double) rounds);
                    figures.put(Figure.PAGES_PER_ROUND, (double) pagesSent / rounds);
                }
            }
            return figures;
        }
    }

    private List<AgentMemory.Agent> agents() {
        return cluster.settings().hosts().stream()
                .map(host -> new AgentMemory.Agent(
                        "http://" + host.properties().get(MANAGEMENT_ADDRESS) + ":"
                                + host.properties().get(MANAGEMENT_PORT),
                        cluster.agent(host.name()).pid()))
                .toList();
    }

    private void awaitHealthy(String name) throws ApiException {
        long deadlineNanos = System.nanoTime() + HEALTHY_DEADLINE.toNanos();
        GuestProbeState state = GuestProbeState.WAITING;
        while (state != GuestProbeState.HEALTHY) {
            if (state == GuestProbeState.UNHEALTHY || System.nanoTime() > deadlineNanos) {
                throw new WanException("The guest does not work (" + state + "). The end of what it wrote:\n"
                        + cluster.api().vms().getSerialLog(name, 2000));
            }
            cluster.pause();
            state = cluster.api().vms().getVm(name).getGuestProbe().getState();
        }
    }

    /** One that does not end by the deadline is cancelled, as its user would. */
    private Migration followToTheEnd(Duration deadline, Migration accepted, Consumer<Migration> visitor)
            throws ApiException {
        try {
            Migration ended = new MigrationFollower(cluster.api(), deadline).follow(accepted.getId(), seen -> {
                visitor.accept(seen);
                return false;
            });
            if (ended.getState() != MigrationState.COMPLETED) {
                say.accept("  the migration ended as " + ended.getState() + ": " + ended.getProblem());
            }
            return ended;
        } catch (ImpatienceException e) {
            say.accept("  " + e.getMessage());
            cluster.api().migrations().cancelMigration(accepted.getId());
            return new MigrationFollower(cluster.api(), HEALTHY_DEADLINE).awaitEnd(accepted.getId());
        }
    }

    private SerialLog follow(String host, UUID vmId) {
        Path folder = cluster.settings().hostFolder(host).resolve("serial");
        return SerialLog.follow(() -> newest(folder, vmId + "."));
    }

    private static Optional<Path> newest(Path folder, String prefix) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .findAny();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list " + folder + ": " + e.getMessage(), e);
        }
    }

    private void remove(String name) throws ApiException {
        cluster.api().vms().stopVm(name, true);
        cluster.api().vms().deleteVm(name);
    }

    /** Adopted disks stay when their machine goes. */
    private void removeDisks() {
        Folders.remove(cluster.settings().poolFolder(DESTINATION));
        Folders.remove(cluster.settings().poolFolder(SOURCE));
        Folders.make(cluster.settings().poolFolder(DESTINATION));
        Folders.make(cluster.settings().poolFolder(SOURCE));
    }

    private WanException failure(String what, ApiException e) {
        String problem = PublicApi.problem(e).map(Object::toString).orElse("");
        return new WanException(what + ": " + e.getMessage() + "\n" + problem + "\n" + cluster.logTails(20), e);
    }

    @Override
    public void close() {
        cluster.close();
    }
}
