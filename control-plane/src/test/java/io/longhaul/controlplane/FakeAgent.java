package io.longhaul.controlplane;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.longhaul.api.agent.model.AgentVm;
import io.longhaul.api.agent.model.Decision;
import io.longhaul.api.agent.model.DiskState;
import io.longhaul.api.agent.model.Heartbeat;
import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.MigrationRole;
import io.longhaul.api.agent.model.PutAgentVm;
import io.longhaul.api.agent.model.PutIncoming;
import io.longhaul.api.agent.model.PutOutgoing;
import io.longhaul.api.agent.model.PutPolicy;
import io.longhaul.api.agent.model.PutResolution;
import io.longhaul.api.agent.model.Registration;
import io.longhaul.api.agent.model.SidePhase;
import io.longhaul.api.model.GuestProbe;
import io.longhaul.api.model.GuestProbeState;
import io.longhaul.api.model.HostCpu;
import io.longhaul.api.model.HostInventory;
import io.longhaul.api.model.HostNetwork;
import io.longhaul.api.model.Problem;
import io.longhaul.api.model.StoragePool;
import io.longhaul.api.model.VmState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * An agent that speaks agent.yaml over real HTTP and moves nothing. Thread safe. Phases change only when the test says
 * so, by {@link #phase}; commands do what the interface promises of them.
 */
final class FakeAgent implements AutoCloseable {

    /** What goes wrong. */
    enum FailureScenario {
        NO_FAILURE,
        /** Refuses to receive. */
        REFUSES_INCOMING,
        /** Refuses to send. */
        REFUSES_OUTGOING,
        /** Does every command and loses the first answer to each. */
        LOSES_ANSWERS,
        /** Has lost its data folder: knows no migration, whatever it was told. */
        KNOWS_NOTHING,
        /** Never pushes; tells when asked. */
        TELLS_ONLY_WHEN_ASKED,
        /** Pushes nothing, and to every question about a migration says "not now". */
        SAYS_NOTHING,
        /** Pushes everything twice, and an old report after each new one. */
        REPEATS_AND_REORDERS,
        /** Says "not now" to every abort. */
        REFUSES_ABORTS,
        /** Makes no machine. */
        REFUSES_MACHINES,
        /** Makes machines and starts none. */
        REFUSES_STARTS
    }

    private static final Map<String, AgentCertificate> CERTIFICATES = new ConcurrentHashMap<>();

    volatile FailureScenario scenario = FailureScenario.NO_FAILURE;
    volatile HostInventory inventory;
    final Map<UUID, AgentVm> vms = new ConcurrentHashMap<>();
    final Map<String, MigrationReport> sides = new ConcurrentHashMap<>();
    /** "PUT incoming", "POST abort", "DELETE deleteSourceDisks=true" in order of arrival. */
    final List<String> commands = new CopyOnWriteArrayList<>();

    final List<PutPolicy> policies = new CopyOnWriteArrayList<>();
    final Map<String, PutIncoming> incoming = new ConcurrentHashMap<>();
    final Map<String, PutOutgoing> outgoing = new ConcurrentHashMap<>();
    /** Commands other than the first of its kind were already done. */
    private final Map<String, AtomicInteger> answersLost = new ConcurrentHashMap<>();

    private final String name;
    private final RunningControlPlane controlPlane;
    private final HttpsServer server;
    private final AgentCertificate certificate;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor();
    private final AtomicLong sequence = new AtomicLong();
    private volatile String instance = UUID.randomUUID().toString();

    FakeAgent(String name, RunningControlPlane controlPlane) {
        this(name, controlPlane, certificate(name, controlPlane));
    }

    /** @param shown what it proves itself by to whoever connects; it reports as the host that it is */
    FakeAgent(String name, RunningControlPlane controlPlane, AgentCertificate shown) {
        this.name = name;
        this.controlPlane = controlPlane;
        this.inventory = inventory();
        this.certificate = certificate(name, controlPlane);
        try {
            this.server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        shows(shown);
        server.setExecutor(threads);
        server.createContext("/agent/v1/", this::handle);
        server.start();
        register();
        beat();
    }

    static HostInventory inventory() {
        return new HostInventory(
                "1",
                "10.0.2",
                "tcg",
                new HostCpu("Test processor", 4, List.of("sse2", "avx"), List.of("qemu64", "Skylake-Client-v1")),
                8L << 30,
                4L << 30,
                List.of(new StoragePool("default", "/pool", 100L << 30, 50L << 30)),
                List.of(new HostNetwork("user", "user")),
                List.of("pc-q35-10.0"));
    }

    /** One for each host and control plane, as an agent keeps its own over a restart. */
    private static AgentCertificate certificate(String name, RunningControlPlane controlPlane) {
        return CERTIFICATES.computeIfAbsent(
                name + " of " + controlPlane.joinToken(),
                unused -> AgentCertificate.joined(controlPlane, name, controlPlane.joinToken()));
    }

    private void shows(AgentCertificate other) {
        server.setHttpsConfigurator(new HttpsConfigurator(other.context()) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters tls = getSSLContext().getDefaultSSLParameters();
                tls.setNeedClientAuth(true);
                parameters.setSSLParameters(tls);
            }
        });
    }

    void register() {
        var answer = push(
                "registration",
                new Registration("https://127.0.0.1:" + server.getAddress().getPort(), "west", instance, inventory));
        if (answer.status() != 200) {
            throw new IllegalStateException(answer.body());
        }
    }

    /** From now on heartbeats arrive by themselves. */
    void beat() {
        var unused = heart.scheduleWithFixedDelay(this::heartbeatQuietly, 0, 200, TimeUnit.MILLISECONDS);
    }

    /** One after the other, as an agent does: none that was put together before overtakes it. */
    synchronized RunningControlPlane.Answer heartbeat() {
        return push("heartbeat", new Heartbeat(instance, inventory, List.copyOf(vms.values()), List.of()));
    }

    void fallSilent() {
        heart.shutdownNow();
    }

    /** Changes this side, and says so unless the scenario forbids. */
    MigrationReport phase(String migration, SidePhase phase) {
        return phase(migration, phase, null);
    }

    MigrationReport phase(String migration, SidePhase phase, @Nullable Problem problem) {
        MigrationReport old = side(migration);
        MigrationReport report = copy(old).phase(phase).problem(problem);
        tell(report, old);
        return report;
    }

    void tell(MigrationReport report, @Nullable MigrationReport old) {
        sides.put(report.getMigrationId(), report);
        if (scenario == FailureScenario.TELLS_ONLY_WHEN_ASKED || scenario == FailureScenario.SAYS_NOTHING) {
            return;
        }
        push("migrations", report);
        if (scenario == FailureScenario.REPEATS_AND_REORDERS) {
            push("migrations", report);
            if (old != null) {
                push("migrations", old);
            }
        }
    }

    MigrationReport copy(MigrationReport report) {
        MigrationReport copy = RunningControlPlane.JSON.readValue(
                RunningControlPlane.JSON.writeValueAsString(report), MigrationReport.class);
        return copy.sequence(sequence.incrementAndGet()).agentInstance(instance).at(now());
    }

    RunningControlPlane.Answer push(String what, Object body) {
        return certificate.call(
                controlPlane,
                "PUT",
                "/agent-reports/v1/hosts/" + name + "/" + what,
                RunningControlPlane.JSON.writeValueAsString(body));
    }

    boolean knows(String migration) {
        return sides.containsKey(migration);
    }

    SidePhase phaseOf(String migration) {
        return side(migration).getPhase();
    }

    MigrationReport side(String migration) {
        return Objects.requireNonNull(sides.get(migration), () -> name + " knows no migration " + migration);
    }

    @Override
    public void close() {
        heart.shutdownNow();
        server.stop(0);
        threads.shutdownNow();
    }

    private void heartbeatQuietly() {
        try {
            heartbeat();
        } catch (RuntimeException e) {
            // The control plane is away; it is told at the next beat.
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String[] path = exchange.getRequestURI().getPath().split("/");
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String method = exchange.getRequestMethod();
            if (path[3].equals("vms")) {
                machine(exchange, method, UUID.fromString(path[4]), path.length > 5 ? path[5] : "", body);
            } else {
                migration(exchange, method, path[4], path.length > 5 ? path[5] : "", body);
            }
        }
    }

    private void machine(HttpExchange exchange, String method, UUID id, String verb, String body) throws IOException {
        if (method.equals("PUT")) {
            if (scenario == FailureScenario.REFUSES_MACHINES) {
                answer(exchange, 422, problem(422, "IMAGE_NOT_FOUND"));
                return;
            }
            PutAgentVm order = RunningControlPlane.JSON.readValue(body, PutAgentVm.class);
            order.getDefinition().machineType("pc-q35-10.0");
            vms.putIfAbsent(
                    id,
                    new AgentVm(
                            id,
                            order.getEpoch(),
                            VmState.STOPPED,
                            order.getDefinition(),
                            order.getDefinition().getDisks().stream()
                                    .map(disk -> new DiskState(disk.getName(), 1L << 30, 1L << 28))
                                    .toList(),
                            List.of(),
                            new GuestProbe(GuestProbeState.NONE, 0L)));
        }
        AgentVm vm = vms.get(id);
        if (vm == null) {
            answer(exchange, 404, problem(404, "NO_SUCH_VM"));
            return;
        }
        if (scenario == FailureScenario.REFUSES_STARTS && verb.equals("start")) {
            answer(exchange, 500, problem(500, "HYPERVISOR_FAILED"));
            return;
        }
        switch (method + " " + verb) {
            case "POST start" -> vm.state(VmState.RUNNING);
            case "POST stop" -> vm.state(VmState.STOPPED);
            case "DELETE " -> vms.remove(id);
            case "GET serial-log" -> {
                send(exchange, 200, "text/plain", "hello from " + name);
                return;
            }
            default -> {}
        }
        if (loses(exchange, method + " " + verb)) {
            return;
        }
        answer(exchange, method.equals("DELETE") ? 204 : 200, vm);
    }

    private void migration(HttpExchange exchange, String method, String id, String verb, String body)
            throws IOException {
        String query = exchange.getRequestURI().getQuery();
        if (!method.equals("GET")) {
            commands.add(method + " " + (verb.isEmpty() ? query : verb));
        }
        if (scenario == FailureScenario.KNOWS_NOTHING && method.equals("GET")) {
            answer(exchange, 404, problem(404, "NO_SUCH_MIGRATION"));
            return;
        }
        if (scenario == FailureScenario.SAYS_NOTHING && method.equals("GET")) {
            answer(exchange, 503, problem(503, "BUSY"));
            return;
        }
        boolean refused = scenario == FailureScenario.REFUSES_INCOMING && verb.equals("incoming")
                || scenario == FailureScenario.REFUSES_OUTGOING && verb.equals("outgoing");
        if (refused) {
            answer(exchange, 422, problem(422, "POOL_UNAVAILABLE"));
            return;
        }
        if (scenario == FailureScenario.REFUSES_ABORTS && verb.equals("abort")) {
            answer(exchange, 503, problem(503, "BUSY"));
            return;
        }
        carryOut(method, id, verb, query, body);
        if (loses(exchange, method + " " + verb)) {
            return;
        }
        if (method.equals("DELETE")) {
            answer(exchange, 204, null);
            return;
        }
        MigrationReport side = sides.get(id);
        answer(
                exchange,
                side == null ? 404 : method.equals("GET") ? 200 : 202,
                side == null ? problem(404, "NO_SUCH_MIGRATION") : side);
    }

    private void carryOut(String method, String id, String verb, @Nullable String query, String body) {
        switch (method + " " + verb) {
            case "PUT incoming" -> {
                PutIncoming order = RunningControlPlane.JSON.readValue(body, PutIncoming.class);
                incoming.put(id, order);
                sides.computeIfAbsent(
                        id,
                        unused -> side(id, order.getVmId(), order.getEpoch(), MigrationRole.DESTINATION)
                                .definition(order.getDefinition())
                                .transferAddress("127.0.0.1:9"));
            }
            case "PUT outgoing" -> {
                PutOutgoing order = RunningControlPlane.JSON.readValue(body, PutOutgoing.class);
                outgoing.put(id, order);
                sides.computeIfAbsent(id, unused -> side(id, order.getVmId(), order.getEpoch(), MigrationRole.SOURCE));
            }
            case "PUT policy" -> policies.add(RunningControlPlane.JSON.readValue(body, PutPolicy.class));
            case "POST abort" -> abort(id, String.valueOf(query));
            case "PUT resolution" -> {
                PutResolution order = RunningControlPlane.JSON.readValue(body, PutResolution.class);
                boolean taken = order.getDecision() == Decision.TAKEN;
                sides.computeIfPresent(
                        id,
                        (unused, side) -> side.getPhase() == SidePhase.GRANTED
                                ? copy(side).phase(taken ? SidePhase.COMPLETED : SidePhase.ABORTED)
                                : side);
            }
            case "DELETE " -> sides.remove(id);
            default -> {}
        }
    }

    private void abort(String id, String query) {
        long epoch = Long.parseLong(query.replaceAll(".*epoch=(\\d+).*", "$1"));
        MigrationRole role = query.contains("role=SOURCE") ? MigrationRole.SOURCE : MigrationRole.DESTINATION;
        sides.compute(id, (unused, side) -> {
            MigrationReport known = side == null
                    ? side(
                            id,
                            vms.isEmpty()
                                    ? new UUID(0, 0)
                                    : vms.keySet().iterator().next(),
                            epoch,
                            role)
                    : side;
            return switch (known.getPhase()) {
                case GRANTED, RELEASED, TAKEN, COMPLETED, ABORTED -> known;
                default -> copy(known).phase(SidePhase.ABORTED);
            };
        });
    }

    private MigrationReport side(String id, UUID vm, long epoch, MigrationRole role) {
        return new MigrationReport(
                id, vm, role, epoch, SidePhase.PREPARING, sequence.incrementAndGet(), instance, now());
    }

    /** Ends the connection without an answer, once for each kind of command. */
    private boolean loses(HttpExchange exchange, String command) {
        if (scenario != FailureScenario.LOSES_ANSWERS || command.startsWith("GET")) {
            return false;
        }
        int earlier = answersLost
                .computeIfAbsent(command, unused -> new AtomicInteger())
                .getAndIncrement();
        if (earlier == 0) {
            exchange.close();
        }
        return earlier == 0;
    }

    static Problem problem(int status, String code) {
        return new Problem("/v1/problems/" + code, code, status, code, "The fake agent says " + code + ".");
    }

    private static void answer(HttpExchange exchange, int status, @Nullable Object body) throws IOException {
        if (status == 204) {
            exchange.sendResponseHeaders(204, -1);
            return;
        }
        send(exchange, status, "application/json", RunningControlPlane.JSON.writeValueAsString(body));
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static OffsetDateTime now() {
        return OffsetDateTime.now(ZoneOffset.UTC);
    }
}
