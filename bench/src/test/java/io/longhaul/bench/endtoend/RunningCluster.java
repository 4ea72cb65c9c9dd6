package io.longhaul.bench.endtoend;

import io.longhaul.bench.api.MigrationFollower;
import io.longhaul.bench.api.PublicApi;
import io.longhaul.bench.cluster.ClusterSettings;
import io.longhaul.bench.cluster.Folders;
import io.longhaul.bench.cluster.HostSettings;
import io.longhaul.bench.cluster.LonghaulCluster;
import io.longhaul.bench.cluster.Ports;
import io.longhaul.bench.cluster.ProgramJars;
import io.longhaul.client.ApiException;
import io.longhaul.client.model.Migration;
import io.longhaul.client.model.Vm;
import io.longhaul.client.model.VmState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One cluster for the tests of a class, each of which finds it without machines. Used by JUnit's thread only. A failed
 * test prints what the servers logged.
 */
final class RunningCluster implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
    static final String SOURCE = "host-a";
    static final String DESTINATION = "host-b";

    private static final int LOG_LINES = 60;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** A host that dies must not keep a test waiting for long. */
    private static final Map<String, String> SHORT_TIMES =
            Map.of("longhaul.hosts.heartbeat-interval", "1s", "longhaul.hosts.offline-after", "3s");

    private final Map<String, String> controlPlaneProperties;
    private final Map<String, Map<String, String>> hostProperties;
    private @Nullable LonghaulCluster cluster;

    RunningCluster() {
        this(Map.of(), Map.of());
    }

    /**
     * @param hostProperties by the host's name
     */
    RunningCluster(Map<String, String> controlPlaneProperties, Map<String, Map<String, String>> hostProperties) {
        this.controlPlaneProperties = new HashMap<>(SHORT_TIMES);
        this.controlPlaneProperties.putAll(controlPlaneProperties);
        this.hostProperties = Map.copyOf(hostProperties);
    }

    /** The programs under test. */
    static ProgramJars jars() {
        return ProgramJars.ofCheckout(Path.of(System.getProperty("longhaul.checkout", "..")));
    }

    LonghaulCluster cluster() {
        return Objects.requireNonNull(cluster, "the cluster has not been started");
    }

    PublicApi api() {
        return cluster().api();
    }

    MigrationFollower follower() {
        return new MigrationFollower(api(), PATIENCE);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        List<Integer> ports = Ports.free(4);
        controlPlaneProperties.putIfAbsent("longhaul.agents-port", Integer.toString(ports.get(3)));
        ClusterSettings settings = new ClusterSettings(
                jars(),
                Files.createTempDirectory("lh"),
                ports.get(0),
                controlPlaneProperties,
                List.of(host(SOURCE, "west", ports.get(1)), host(DESTINATION, "east", ports.get(2))));
        LonghaulCluster started = new LonghaulCluster(settings);
        cluster = started;
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "close-cluster"));
        started.start();
    }

    private HostSettings host(String name, String site, int port) {
        Map<String, String> properties = new HashMap<>(hostProperties.getOrDefault(name, Map.of()));
        // It would take the time of the tests, many of which start agents.
        properties.putIfAbsent("longhaul.agent.rehearsal", "false");
        return new HostSettings(name, site, port).with(properties);
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        if (context.getExecutionException().isPresent()) {
            System.err.println("==== " + context.getDisplayName() + " failed; the servers' last words:");
            System.err.println(cluster().logTails(LOG_LINES));
            describeMachines();
        }
        bringBackServers();
        endMigrations();
        for (Vm vm : api().vms().listVms(null, null, null).getVms()) {
            if (vm.getState() != VmState.STOPPED) {
                api().vms().stopVm(vm.getId().toString(), true);
            }
            api().vms().deleteVm(vm.getId().toString());
        }
    }

    private void bringBackServers() {
        cluster().controlPlane().start();
        cluster().agent(SOURCE).start();
        cluster().agent(DESTINATION).start();
        cluster().awaitOnline();
    }

    private void endMigrations() throws ApiException {
        for (Migration migration :
                api().migrations().listMigrations(null, null, null, null, null).getMigrations()) {
            if (Boolean.TRUE.equals(migration.getCancellable()) && !MigrationFollower.hasEnded(migration)) {
                api().migrations().cancelMigration(migration.getId());
                follower().awaitEnd(migration.getId());
            }
        }
    }

    private void describeMachines() throws ApiException {
        if (!api().isHealthy()) {
            return;
        }
        for (Migration migration :
                api().migrations().listMigrations(null, null, null, null, 5).getMigrations()) {
            System.err.println(migration);
        }
        for (Vm vm : api().vms().listVms(null, null, null).getVms()) {
            System.err.println(vm);
            System.err.println(api().vms().getSerialLog(vm.getDefinition().getName(), 3000));
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    /** Also when the tests are broken off, so that no server outlives them. */
    private synchronized void close() {
        LonghaulCluster running = cluster;
        if (running != null) {
            cluster = null;
            running.close();
            Folders.remove(running.settings().dataFolder());
        }
    }
}
