package io.longhaul.bench.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.bench.api.PublicApi;
import io.longhaul.client.ApiException;
import io.longhaul.client.JSON;
import io.longhaul.client.model.CreateMigration;
import io.longhaul.client.model.CreateVm;
import io.longhaul.client.model.DiskDefinition;
import io.longhaul.client.model.HostState;
import io.longhaul.client.model.Migration;
import io.longhaul.client.model.NetworkInterface;
import io.longhaul.client.model.Problem;
import io.longhaul.client.model.VmDefinition;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a user can get wrong, and what the API says to it. */
@Tag("qemu")
class ProblemsTest {
    private static final long MEBIBYTE = 1 << 20;

    /** The source has a network that the destination lacks; there a machine of 500 MiB and what QEMU needs do not fit. */
    @RegisterExtension
    static final RunningCluster CLUSTER = new RunningCluster(
            Map.of(),
            Map.of(
                    RunningCluster.SOURCE,
                    Map.of(
                            "longhaul.agent.networks.default.kind", "user",
                            "longhaul.agent.networks.lab.kind", "user"),
                    RunningCluster.DESTINATION,
                    Map.of("longhaul.agent.memory-limit", "600MB")));

    private final Machines machines = new Machines(CLUSTER);

    @Test
    void namesThatNobodyHas() throws Exception {
        machines.emptyMachine("machine");
        assertThat(refusal("nobody", RunningCluster.DESTINATION).getCode()).isEqualTo("NO_SUCH_VM");
        assertThat(refusal("machine", "nowhere").getCode()).isEqualTo("NO_SUCH_HOST");
        assertThat(problemOf(() -> CLUSTER.api().migrations().getMigration("none", 0, null))
                        .getCode())
                .isEqualTo("NO_SUCH_MIGRATION");
        assertThat(problemOf(() -> CLUSTER.api()
                                .vms()
                                .createVm(
                                        new CreateVm()
                                                .host("nowhere")
                                                .definition(new VmDefinition()
                                                        .name("x")
                                                        .memoryBytes(32 * MEBIBYTE)),
                                        null))
                        .getCode())
                .isEqualTo("NO_SUCH_HOST");
    }

    @Test
    void theSameHostAgain() throws Exception {
        machines.emptyMachine("machine");
        assertThat(refusal("machine", RunningCluster.SOURCE).getCode()).isEqualTo("SAME_HOST");
    }

    @Test
    void aMachineThatDoesNotRun() throws Exception {
        machines.create(new VmDefinition().name("machine").memoryBytes(32 * MEBIBYTE));
        assertThat(refusal("machine", RunningCluster.DESTINATION).getCode()).isEqualTo("VM_NOT_RUNNING");
    }

    @Test
    void aMachineThatIsMovingAlready() throws Exception {
        machines.healthyGuestWithoutDisk("machine");
        machines.start(Machines.slowMoveOf("machine"));
        assertThat(refusal("machine", RunningCluster.DESTINATION).getCode()).isEqualTo("VM_ALREADY_MIGRATING");
    }

    @Test
    void tooLittleMemoryAtTheDestination() throws Exception {
        machines.emptyMachine(new VmDefinition().name("machine").memoryBytes(500 * MEBIBYTE));
        Problem problem = refusal("machine", RunningCluster.DESTINATION);
        assertThat(problem.getCode()).isEqualTo("INSUFFICIENT_MEMORY");
        assertThat(problem.getSeen()).isNotBlank();
        assertThat(problem.getExpected()).isNotBlank();
    }

    @Test
    void aNetworkThatTheDestinationLacks() throws Exception {
        machines.emptyMachine(new VmDefinition()
                .name("machine")
                .memoryBytes(32 * MEBIBYTE)
                .addNetworkInterfacesItem(new NetworkInterface().network("lab")));
        assertThat(refusal("machine", RunningCluster.DESTINATION).getCode()).isEqualTo("NETWORK_UNAVAILABLE");
    }

    @Test
    void aNetworkThatTheDestinationHasUnderAnotherName() throws Exception {
        machines.emptyMachine(new VmDefinition()
                .name("machine")
                .memoryBytes(32 * MEBIBYTE)
                .addNetworkInterfacesItem(new NetworkInterface().network("lab")));
        Migration accepted = machines.start(
                Machines.moveOf("machine", RunningCluster.DESTINATION).putNetworksItem("lab", "default"));
        Migration ended = CLUSTER.follower().awaitEnd(accepted.getId());
        assertThat(ended.getProblem()).isNull();
        assertThat(machines.get("machine").getHost()).isEqualTo(RunningCluster.DESTINATION);
    }

    @Test
    void aPoolThatTheDestinationLacks() throws Exception {
        machines.emptyMachine(new VmDefinition()
                .name("machine")
                .memoryBytes(32 * MEBIBYTE)
                .addDisksItem(new DiskDefinition().name("root").sizeBytes(MEBIBYTE)));
        CreateMigration request =
                Machines.moveOf("machine", RunningCluster.DESTINATION).putPoolsItem("default", "elsewhere");
        assertThat(refusal(request).getCode()).isEqualTo("POOL_UNAVAILABLE");
    }

    @Test
    void aProcessorThatTheHostCannotGive() {
        VmDefinition definition =
                new VmDefinition().name("machine").memoryBytes(32 * MEBIBYTE).cpuModel("no-such-processor");
        assertThat(problemOf(() -> machines.create(definition)).getCode()).isEqualTo("CPU_MODEL_UNAVAILABLE");
    }

    @Test
    void aDiskImageThatIsNotThereOrNotInThePool() {
        assertThat(problemOf(() -> machines.create(withImage("missing.raw"))).getCode())
                .isEqualTo("IMAGE_NOT_FOUND");
        assertThat(problemOf(() -> machines.create(withImage("/etc/hostname"))).getCode())
                .isEqualTo("IMAGE_OUTSIDE_POOL");
    }

    private static VmDefinition withImage(String file) {
        return new VmDefinition()
                .name("machine")
                .memoryBytes(32 * MEBIBYTE)
                .addDisksItem(new DiskDefinition().name("root").existingFile(file));
    }

    @Test
    void anAgentThatIsOffline() throws Exception {
        machines.emptyMachine("machine");
        CLUSTER.cluster().agent(RunningCluster.DESTINATION).kill();
        Waiting.until(
                "the destination to be OFFLINE",
                Duration.ofSeconds(20),
                () -> destinationState() == HostState.OFFLINE,
                () -> destinationState().toString());
        assertThat(refusal("machine", RunningCluster.DESTINATION).getCode()).isEqualTo("AGENT_OFFLINE");
    }

    @Test
    void bodiesThatCannotBeRead() throws Exception {
        assertThat(post("{\"vm\": ").getCode()).isEqualTo("MALFORMED_REQUEST");
        assertThat(post("{\"vm\": \"machine\"}").getCode()).isEqualTo("INVALID_FIELD");
        assertThat(post("\"" + "x".repeat((int) (2 * MEBIBYTE)) + "\"").getCode())
                .isEqualTo("BODY_TOO_LARGE");
    }

    @Test
    void theSameKeyGivesTheSameMigrationAndAnotherRequestIsRefused() throws Exception {
        machines.emptyMachine("machine");
        CreateMigration request = Machines.moveOf("machine", RunningCluster.DESTINATION);
        Migration first = CLUSTER.api().migrations().createMigration(request, "key");
        Migration again = CLUSTER.api().migrations().createMigration(request, "key");
        assertThat(again.getId()).isEqualTo(first.getId());
        CreateMigration other = Machines.moveOf("machine", RunningCluster.SOURCE);
        assertThat(problemOf(() -> CLUSTER.api().migrations().createMigration(other, "key"))
                        .getCode())
                .isEqualTo("IDEMPOTENCY_KEY_REUSED");
        CLUSTER.follower().awaitEnd(first.getId());
    }

    @Test
    void everyProblemIsInTheCatalogue() throws Exception {
        Problem problem = refusal("nobody", RunningCluster.DESTINATION);
        assertThat(problem.getType()).isEqualTo("/v1/problems/NO_SUCH_VM");
        assertThat(CLUSTER.api().problems().getProblem(problem.getCode()).getAction())
                .isEqualTo(problem.getAction());
    }

    private Problem refusal(String vm, String destination) throws ApiException {
        return refusal(Machines.moveOf(vm, destination));
    }

    /** Refused at once, or found out when its turn came: the problem is the same. */
    private Problem refusal(CreateMigration request) throws ApiException {
        Migration accepted;
        try {
            accepted = machines.start(request);
        } catch (ApiException e) {
            return PublicApi.problem(e).orElseThrow(() -> new AssertionError("no problem but " + e.getMessage(), e));
        }
        Migration ended = CLUSTER.follower().awaitEnd(accepted.getId());
        return Objects.requireNonNull(ended.getProblem(), "the migration is " + ended.getState());
    }

    private static Problem problemOf(RequestCall call) {
        try {
            call.run();
        } catch (ApiException e) {
            return PublicApi.problem(e).orElseThrow(() -> new AssertionError("no problem but " + e.getMessage(), e));
        }
        throw new AssertionError("The request was not refused");
    }

    private static Problem post(String body) throws IOException {
        Request request = new Request.Builder()
                .url(CLUSTER.api().url() + "/v1/migrations")
                .post(RequestBody.create(body, MediaType.get("application/json")))
                .build();
        try (Response response = CLUSTER.api().http().newCall(request).execute()) {
            assertThat(response.header("Content-Type")).startsWith("application/problem+json");
            return JSON.deserialize(response.body().string(), Problem.class);
        }
    }

    private static HostState destinationState() {
        try {
            return CLUSTER.api().hosts().getHost(RunningCluster.DESTINATION).getState();
        } catch (ApiException e) {
            throw new AssertionError(e);
        }
    }

    private interface RequestCall {
        Object run() throws ApiException;
    }
}
