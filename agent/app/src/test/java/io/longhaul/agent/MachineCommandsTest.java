package io.longhaul.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.agent.identity.Peers;
import io.longhaul.agent.vms.GuestHost;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The commands for single machines, over HTTP. */
class MachineCommandsTest extends AgentOverHttp {

    @Test
    void takesCommandsFromTheControlPlaneOnly() throws IOException, InterruptedException {
        for (HttpClient other : List.of(PKI.stranger(), PKI.client("urn:longhaul:agent:host-b"), PKI.client(""))) {
            for (String path : List.of("/agent/v1/vms", "/agent/v1/migrations", "/agent//v1/vms", "/AGENT/v1/vms")) {
                HttpResponse<String> answer =
                        other.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(path).isEqualTo(401);
                assertThat(mapper.readTree(answer.body()).path("code").asString())
                        .isEqualTo("UNAUTHORIZED");
                assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
            }
        }
        HttpClient foreign = new TestPki().client(Peers.CONTROL_PLANE);
        HttpRequest request = HttpRequest.newBuilder(uri("/agent/v1/vms")).build();
        assertThatThrownBy(() -> foreign.send(request, HttpResponse.BodyHandlers.ofString()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void anotherAgentMayFetchBootFilesAndNothingElse() throws IOException, InterruptedException {
        HttpClient agent = PKI.client("urn:longhaul:agent:host-b");
        String file = "/agent/v1/vms/" + id + "/boot-files/KERNEL";
        HttpResponse<String> answer =
                agent.send(HttpRequest.newBuilder(uri(file)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(404);
        answer = agent.send(HttpRequest.newBuilder(uri(file)).DELETE().build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(401);
    }

    @Test
    void makesAMachineWithAnExactDefinition() throws IOException, InterruptedException {
        JsonNode vm = expect(
                200,
                call(
                        "PUT",
                        "/agent/v1/vms/" + id,
                        definition("exact", "{\"name\":\"root\",\"sizeBytes\":1048576}", 1)));
        assertThat(vm.path("state").asString()).isEqualTo("STOPPED");
        JsonNode definition = vm.path("definition");
        assertThat(definition.path("machineType").asString()).isEqualTo("pc-q35-10.0");
        assertThat(definition.at("/networkInterfaces/0/macAddress").asString()).matches("52:54:00(:[0-9a-f]{2}){3}");
        Path file = Path.of(definition.at("/disks/0/existingFile").asString());
        assertThat(file).hasSize(1048576).hasParent(folder.resolve("pool"));
        assertThat(vm.at("/disks/0/virtualSizeBytes").asLong()).isEqualTo(1048576);
        assertThat(vm.at("/disks/0/allocatedBytes").asLong()).isLessThan(1048576);
        assertThat(expect(200, call("GET", "/agent/v1/vms/" + id, ""))
                        .path("id")
                        .asString())
                .isEqualTo(id.toString());
        assertThat(expect(200, call("GET", "/agent/v1/vms", "")).path("vms")).isNotEmpty();
    }

    @Test
    void makingTheSameMachineAgainChangesNothingAndAnotherUnderItsIdIsAConflict()
            throws IOException, InterruptedException {
        String body = definition("again", "{\"name\":\"root\",\"sizeBytes\":1048576}", 1);
        JsonNode first = expect(200, call("PUT", "/agent/v1/vms/" + id, body));
        JsonNode second = expect(200, call("PUT", "/agent/v1/vms/" + id, body));
        assertThat(second).isEqualTo(first);
        String other = definition("again", "{\"name\":\"root\",\"sizeBytes\":2097152}", 1);
        expectProblem(409, "COMMAND_CONFLICT", call("PUT", "/agent/v1/vms/" + id, other));
    }

    @Test
    void startsAndStopsOnceHoweverOftenItIsTold() throws IOException, InterruptedException {
        make("life", 1);
        for (int time = 0; time < 2; time++) {
            assertThat(start(1).path("state").asString()).isEqualTo("RUNNING");
        }
        assertThat(guests().started.stream().filter(guest -> guest.id().equals(id)))
                .hasSize(1);
        expectProblem(409, "VM_RUNNING", call("DELETE", "/agent/v1/vms/" + id, ""));
        for (int time = 0; time < 2; time++) {
            JsonNode stopped = expect(200, call("POST", "/agent/v1/vms/" + id + "/stop?epoch=1", ""));
            assertThat(stopped.path("state").asString()).isEqualTo("STOPPED");
        }
    }

    @Test
    void refusesACommandOfAnOlderEpoch() throws IOException, InterruptedException {
        make("fenced", 5);
        expectProblem(409, "STALE_EPOCH", call("POST", "/agent/v1/vms/" + id + "/start?epoch=4", ""));
        start(7);
        expectProblem(409, "STALE_EPOCH", call("POST", "/agent/v1/vms/" + id + "/stop?epoch=6&force=true", ""));
        assertThat(expect(200, call("GET", "/agent/v1/vms/" + id, ""))
                        .path("epoch")
                        .asLong())
                .isEqualTo(7);
    }

    @Test
    void showsAGuestThatDiedAsFailedAndStartsItAgain() throws IOException, InterruptedException {
        make("dying", 1);
        start(1);
        guests().states.remove(id);
        assertThat(expect(200, call("GET", "/agent/v1/vms/" + id, ""))
                        .path("state")
                        .asString())
                .isEqualTo("FAILED");
        assertThat(start(1).path("state").asString()).isEqualTo("RUNNING");
    }

    @Test
    void saysWhatTheHypervisorSaidWhenItDoesNotStart() throws IOException, InterruptedException {
        make("broken", 1);
        guests().failsToStart = true;
        try {
            JsonNode problem =
                    expectProblem(422, "START_FAILED", call("POST", "/agent/v1/vms/" + id + "/start?epoch=1", ""));
            assertThat(problem.path("native").asString()).contains("no such option");
        } finally {
            guests().failsToStart = false;
        }
        assertThat(expect(200, call("GET", "/agent/v1/vms/" + id, ""))
                        .path("state")
                        .asString())
                .isEqualTo("STOPPED");
    }

    @Test
    void leavesNothingOfAMachineWhoseDisksCannotBeMade() throws IOException, InterruptedException {
        guests().failsToMakeImages = true;
        try {
            String body = definition("unmade", "{\"name\":\"root\",\"sizeBytes\":1048576}", 1);
            expectProblem(409, "NOT_ENOUGH_SPACE", call("PUT", "/agent/v1/vms/" + id, body));
        } finally {
            guests().failsToMakeImages = false;
        }
        expectProblem(404, "NO_SUCH_VM", call("GET", "/agent/v1/vms/" + id, ""));
        assertThat(folder.resolve("data/vms/" + id + ".json")).doesNotExist();
    }

    @Test
    void deletesOnlyWhatItMade() throws IOException, InterruptedException {
        Path adopted = Files.write(folder.resolve("pool/adopted.raw"), new byte[1024]);
        String disks = "{\"name\":\"root\",\"sizeBytes\":1048576},{\"name\":\"old\",\"existingFile\":\"adopted.raw\"}";
        JsonNode vm = expect(200, call("PUT", "/agent/v1/vms/" + id, definition("mixed", disks, 1)));
        Path made = Path.of(vm.at("/definition/disks/0/existingFile").asString());
        assertThat(made).exists();
        expect(204, call("DELETE", "/agent/v1/vms/" + id, ""));
        expect(204, call("DELETE", "/agent/v1/vms/" + id, ""));
        assertThat(made).doesNotExist();
        assertThat(adopted).exists();
    }

    @Test
    void refusesImagesThatAreNotItsToUse() throws IOException, InterruptedException {
        Path outside = Files.write(folder.resolve("outside.raw"), new byte[1024]);
        Files.createSymbolicLink(folder.resolve("pool/link-" + id + ".raw"), outside);
        expectProblem(422, "IMAGE_OUTSIDE_POOL", putWithFile("link-" + id + ".raw"));
        expectProblem(422, "IMAGE_OUTSIDE_POOL", putWithFile("../outside.raw"));
        expectProblem(422, "IMAGE_OUTSIDE_POOL", putWithFile(outside.toString()));
        expectProblem(422, "IMAGE_NOT_FOUND", putWithFile("nothing.raw"));
        Files.write(folder.resolve("pool/odd.raw"), new byte[1000]);
        expectProblem(422, "IMAGE_UNUSABLE", putWithFile("odd.raw"));
        Files.write(folder.resolve("pool/used.raw"), new byte[1024]);
        expect(200, putWithFile("used.raw"));
        String other = definition("other", "{\"name\":\"root\",\"existingFile\":\"used.raw\"}", 1);
        expectProblem(409, "IMAGE_IN_USE", call("PUT", "/agent/v1/vms/" + UUID.randomUUID(), other));
    }

    @Test
    void refusesWhatTheHostDoesNotHave() throws IOException, InterruptedException {
        String body = definition("asking", "{\"name\":\"root\",\"sizeBytes\":1048576}", 1);
        Map<String, List<String>> cases = Map.of(
                "NO_SUCH_POOL", List.of("\"name\":\"root\"", "\"name\":\"root\",\"pool\":\"none\""),
                "NO_SUCH_NETWORK", List.of("\"network\":\"default\"", "\"network\":\"none\""),
                "MACHINE_TYPE_UNAVAILABLE", List.of("\"vcpus\":1", "\"machineType\":\"pc-q35-99.0\""),
                "CPU_MODEL_UNAVAILABLE", List.of("\"vcpus\":1", "\"cpuModel\":\"Icelake-Server,+avx512f\""),
                "INVALID_DISK", List.of("1048576}", "1000}"),
                "BOOT_FILE_UNAVAILABLE", List.of("\"vcpus\":1", "\"boot\":{\"kernel\":\"/nowhere/vmlinuz\"}"));
        for (Map.Entry<String, List<String>> one : cases.entrySet()) {
            String changed = body.replace(one.getValue().get(0), one.getValue().get(1));
            JsonNode problem = expectProblem(422, one.getKey(), call("PUT", "/agent/v1/vms/" + id, changed));
            assertThat(problem.path("seen").asString()).isNotEmpty();
            assertThat(problem.path("expected").asString()).isNotEmpty();
            assertThat(problem.path("action").asString()).isNotEmpty();
            assertThat(problem.path("host").asString()).isEqualTo("host-a");
        }
    }

    @Test
    void answersMalformedRequestsWithAProblem() throws IOException, InterruptedException {
        expectProblem(400, "MALFORMED_REQUEST", call("PUT", "/agent/v1/vms/" + id, "{"));
        expectProblem(400, "MALFORMED_REQUEST", call("PUT", "/agent/v1/vms/" + id, "{}"));
        expectProblem(400, "MALFORMED_REQUEST", call("PUT", "/agent/v1/vms/none", "{}"));
        expectProblem(400, "MALFORMED_REQUEST", call("POST", "/agent/v1/vms/" + id + "/start", ""));
        expectProblem(400, "MALFORMED_REQUEST", call("GET", "/agent/v1/migrations/under_score", ""));
        expectProblem(413, "BODY_TOO_LARGE", call("PUT", "/agent/v1/vms/" + id, " ".repeat(1 << 20) + "{}"));
        expectProblem(404, "NO_SUCH_RESOURCE", call("GET", "/agent/v1/nothing", ""));
    }

    /** Such a body says nothing of its length before it has ended. */
    @Test
    void countsBodiesThatDoNotTellTheirLength() throws IOException, InterruptedException {
        String body = definition("chunked", "{\"name\":\"root\",\"sizeBytes\":1048576}", 1);
        expect(200, putChunked(body));
        // Just too large: of more the server reads no end, and closes the connection under a client that still writes.
        expectProblem(413, "BODY_TOO_LARGE", putChunked(" ".repeat(1 << 20) + body));
    }

    private HttpResponse<String> putChunked(String body) throws IOException, InterruptedException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        HttpRequest request = HttpRequest.newBuilder(uri("/agent/v1/vms/" + id))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes)))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void tellsOfLinksThatWentWrong() throws IOException, InterruptedException {
        assertThat(text(askManagement("/actuator/prometheus")))
                .contains("longhaul_agent_link_refused_handshakes_total{cause=\"HOST\"} 0.0")
                .contains("longhaul_agent_link_bad_frames_total 0.0");
    }

    @Test
    void servesTheEndOfTheSerialLogAndBootFiles() throws IOException, InterruptedException {
        Path kernel = Files.writeString(folder.resolve("vmlinuz"), "a kernel");
        String body = definition("booting", "{\"name\":\"root\",\"sizeBytes\":1048576}", 1)
                .replace("\"vcpus\":1", "\"boot\":{\"kernel\":\"" + kernel + "\",\"commandLine\":\"quiet\"}");
        JsonNode vm = expect(200, call("PUT", "/agent/v1/vms/" + id, body));
        Files.delete(kernel);
        assertThat(vm.at("/bootFiles/0/sha256").asString()).isEqualTo(sha256("a kernel"));
        assertThat(text(call("GET", "/agent/v1/vms/" + id + "/boot-files/KERNEL", "")))
                .isEqualTo("a kernel");
        expectProblem(404, "NO_SUCH_BOOT_FILE", call("GET", "/agent/v1/vms/" + id + "/boot-files/INITRD", ""));
        assertThat(text(call("GET", "/agent/v1/vms/" + id + "/serial-log", ""))).isEmpty();
        Files.writeString(folder.resolve("data/serial/" + id + ".1.log"), "one two three");
        assertThat(text(call("GET", "/agent/v1/vms/" + id + "/serial-log?tailBytes=5", "")))
                .isEqualTo("three");
        expectProblem(400, "MALFORMED_REQUEST", call("GET", "/agent/v1/vms/" + id + "/serial-log?tailBytes=0", ""));
        expectProblem(400, "MALFORMED_REQUEST", call("GET", "/agent/v1/vms/" + id + "/serial-log?tailBytes=%ff", ""));
        expect(204, call("DELETE", "/agent/v1/vms/" + id, ""));
        assertThat(folder.resolve("data/boot-files/" + sha256("a kernel"))).doesNotExist();
    }

    @Test
    void aColdStartBeginsTheSerialLogAnewAndTheGuestsChecksWithIt() throws IOException, InterruptedException {
        String body = definition("telling", "{\"name\":\"root\",\"sizeBytes\":1048576}", 1)
                .replace("\"vcpus\":1", "\"guestProbe\":\"SERIAL\"");
        expect(200, call("PUT", "/agent/v1/vms/" + id, body));
        start(1);
        Path log = folder.resolve("data/serial/" + id + ".1.log");
        Files.writeString(log, "LONGHAUL check 1 begin\nLONGHAUL check 1 ok\n");
        guests().states.remove(id);
        JsonNode again = start(1);
        assertThat(again.at("/guestProbe/state").asString()).isEqualTo("WAITING");
        assertThat(log).doesNotExist();
        assertThat(log.resolveSibling(log.getFileName() + ".previous"))
                .content()
                .contains("check 1");
        guests().states.remove(id);
        expect(204, call("DELETE", "/agent/v1/vms/" + id, ""));
        assertThat(log.resolveSibling(log.getFileName() + ".previous")).doesNotExist();
    }

    @Test
    void doesNotDeleteAMachineWhoseGuestRunsWithoutARecord() throws IOException, InterruptedException {
        make("unrecorded", 1);
        UUID other = UUID.randomUUID();
        guests().states.put(other, GuestHost.GuestState.RUNNING);
        try {
            JsonNode problem = expectProblem(409, "VM_RUNNING", call("DELETE", "/agent/v1/vms/" + other, ""));
            assertThat(problem.path("detail").asString()).contains("-uuid " + other);
        } finally {
            guests().states.remove(other);
        }
        expect(204, call("DELETE", "/agent/v1/vms/" + other, ""));
    }

    @Test
    void refusesTextThatNoFileOrProgramCanTake() throws IOException, InterruptedException {
        String body = definition("odd", "{\"name\":\"root\",\"sizeBytes\":1048576}", 1);
        for (String boot : List.of("\"kernel\":\"/a\\u0000b\"", "\"commandLine\":\"quiet\\u0000\"")) {
            String changed = body.replace("\"vcpus\":1", "\"boot\":{" + boot + "}");
            expectProblem(400, "MALFORMED_REQUEST", call("PUT", "/agent/v1/vms/" + id, changed));
        }
        expectProblem(400, "MALFORMED_REQUEST", putWithFile("a\\u0000b.raw"));
        String device = body.replace("\"vcpus\":1", "\"boot\":{\"kernel\":\"/dev/null\"}");
        assertThat(expectProblem(422, "BOOT_FILE_UNAVAILABLE", call("PUT", "/agent/v1/vms/" + id, device))
                        .path("seen")
                        .asString())
                .contains("not a regular file");
    }

    @Test
    void showsItsMeters() throws IOException, InterruptedException {
        make("measured", 1);
        start(1);
        String meters = text(askManagement("/actuator/prometheus"));
        assertThat(meters)
                .contains("longhaul_agent_guests{state=\"RUNNING\"}")
                .contains("longhaul_agent_migrations{phase=\"PREPARING\"}")
                .contains("longhaul_agent_wire_bytes_total")
                .contains("longhaul_agent_report_failures_total");
    }

    @Test
    void theManagementPortTellsAndCommandsNothing() throws IOException, InterruptedException {
        for (String told : List.of("health", "info", "metrics", "metrics/jvm.memory.used", "prometheus")) {
            assertThat(askManagement("/actuator/" + told).statusCode()).as(told).isEqualTo(200);
        }
        for (String path : List.of("/agent/v1/vms", "/agent/v1/migrations/x", "/agent/v1/vms/" + id)) {
            assertThat(askManagement(path).statusCode()).as(path).isEqualTo(404);
        }
        for (String path : List.of("env", "beans", "heapdump", "shutdown", "loggers", "threaddump")) {
            assertThat(askManagement("/actuator/" + path).statusCode()).as(path).isEqualTo(404);
        }
    }

    private HttpResponse<String> askManagement(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + path))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }
}
