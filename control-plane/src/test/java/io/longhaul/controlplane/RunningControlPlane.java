package io.longhaul.controlplane;

import io.longhaul.controlplane.trust.AgentsConnector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.config.ScheduledTaskHolder;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A whole control plane on a port of its own, over one data folder that outlives it. Owned by the test's thread. */
final class RunningControlPlane implements AutoCloseable {

    static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .changeDefaultPropertyInclusion(inclusion ->
                    inclusion.withValueInclusion(com.fasterxml.jackson.annotation.JsonInclude.Include.NON_NULL))
            .build();

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final Path dataFolder;
    private final List<String> settings;
    private final Place place;
    /** Absent where it runs in a process of its own. */
    private final @Nullable Here here;

    /** Where it runs: in this JVM, or in one of its own that can be killed. */
    private interface Place {
        void start(List<String> arguments);

        /** The hard way, where there is one. */
        void stop();

        String url();

        /** Where agents report. */
        int agentsPort();
    }

    RunningControlPlane(Path dataFolder, String... settings) {
        this(dataFolder, new Here(), settings);
    }

    private RunningControlPlane(Path dataFolder, Place place, String... settings) {
        this.here = place instanceof Here inThisJvm ? inThisJvm : null;
        this.dataFolder = dataFolder;
        this.settings = List.of(settings);
        this.place = place;
        place.start(arguments());
    }

    /** In a process of its own, whose restart is a kill -9. */
    static RunningControlPlane process(Path dataFolder) {
        return new RunningControlPlane(dataFolder, new OwnProcess());
    }

    private static final class Here implements Place {

        private @Nullable ConfigurableApplicationContext context;

        @Override
        public void start(List<String> arguments) {
            List<String> all = new ArrayList<>(arguments);
            all.add("--server.port=0");
            all.add("--longhaul.agents-port=0");
            context = SpringApplication.run(ControlPlaneApplication.class, all.toArray(String[]::new));
        }

        @Override
        public void stop() {
            Objects.requireNonNull(context).close();
        }

        @Override
        public String url() {
            var server = Objects.requireNonNull(
                    ((WebServerApplicationContext) Objects.requireNonNull(context)).getWebServer());
            return "http://127.0.0.1:" + server.getPort();
        }

        @Override
        public int agentsPort() {
            return Objects.requireNonNull(context)
                    .getBean(AgentsConnector.class)
                    .port();
        }
    }

    private static final class OwnProcess implements Place {

        private final int port = freePort();
        private final int agentsPort = freePort();
        private @Nullable Process process;

        @Override
        public void start(List<String> arguments) {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ControlPlaneApplication.class.getName(),
                    "--server.port=" + port,
                    "--longhaul.agents-port=" + agentsPort));
            command.addAll(arguments);
            try {
                process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void stop() {
            Process killed = Objects.requireNonNull(process).destroyForcibly();
            var unused = killed.onExit().join();
        }

        @Override
        public String url() {
            return "http://127.0.0.1:" + port;
        }

        @Override
        public int agentsPort() {
            return agentsPort;
        }

        private static int freePort() {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    record Answer(int status, String body, java.net.http.HttpHeaders headers) {
        JsonNode json() {
            return JSON.readTree(body);
        }

        <T> T as(Class<T> type) {
            return JSON.readValue(body, type);
        }

        String code() {
            return json().path("code").asString();
        }
    }

    String url() {
        return place.url();
    }

    /** Changes the database behind its back. */
    void sql(String statement, Object... parameters) {
        int rows = bean(JdbcClient.class)
                .sql(statement)
                .params(List.of(parameters))
                .update();
        if (rows == 0) {
            throw new IllegalStateException("No row was changed by " + statement);
        }
    }

    long count(String table, String column, Object value) {
        return bean(JdbcClient.class)
                .sql("select count(*) from " + table + " where " + column + " = ?")
                .param(value)
                .query(Long.class)
                .single();
    }

    /** Runs a scheduled method now instead of waiting for its hour. */
    void runScheduled(String method) {
        bean(ScheduledTaskHolder.class).getScheduledTasks().stream()
                .map(scheduled -> scheduled.getTask())
                .filter(task -> task.toString().endsWith(method))
                .findAny()
                .orElseThrow(() -> new IllegalStateException("Nothing is scheduled by the name " + method))
                .getRunnable()
                .run();
    }

    private <T> T bean(Class<T> type) {
        return Objects.requireNonNull(Objects.requireNonNull(here).context).getBean(type);
    }

    String agentsUrl() {
        return "https://127.0.0.1:" + place.agentsPort();
    }

    /** Good for any host. */
    String joinToken() {
        try {
            return Files.readString(dataFolder.resolve("join-token")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void restart() {
        place.stop();
        place.start(arguments());
        awaitHealth();
    }

    void awaitHealth() {
        Tour.awaitTrue(() -> {
            try {
                return get("/actuator/health").status() == 200;
            } catch (UncheckedIOException e) {
                return false;
            }
        });
    }

    Answer get(String path) {
        return call("GET", path, null);
    }

    Answer post(String path, Object body) {
        return call("POST", path, body);
    }

    Answer call(String method, String path, @Nullable Object body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url() + path)).timeout(Duration.ofSeconds(30));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        String text = body == null || body instanceof String ? (String) body : JSON.writeValueAsString(body);
        request.method(
                method, text == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(text));
        return send(request.build());
    }

    Answer send(HttpRequest request) {
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body(), response.headers());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        place.stop();
    }

    /** What a test sets overrides what is set here. */
    private List<String> arguments() {
        Map<String, String> all = new HashMap<>(Map.of(
                "longhaul.data-folder", dataFolder.toString(),
                "longhaul.execution.retry-first", "50ms",
                "longhaul.execution.retry-most", "200ms",
                "longhaul.execution.report-stale-after", "300ms",
                // A test of anything else must not depend on how fast its fake agents tell each other.
                "longhaul.execution.resolution-after", "10m",
                "server.shutdown", "immediate"));
        for (String setting : settings) {
            String[] keyAndValue = setting.split("=", 2);
            all.put(keyAndValue[0], keyAndValue[1]);
        }
        return all.entrySet().stream()
                .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
                .toList();
    }
}
