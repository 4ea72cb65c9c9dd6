package io.longhaul.bench.wan;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * The most memory that any of some agents had during a move: heap and direct buffers as its own metrics tell, garbage
 * not yet collected included, and what the kernel counts as resident. Thread safe; a thread of its own asks.
 */
final class AgentMemory implements AutoCloseable {
    private static final long LOOK_MILLIS = 400;
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final long KIBIBYTE = 1024;

    private final List<Agent> agents;
    private final OkHttpClient http =
            new OkHttpClient.Builder().callTimeout(PATIENCE).build();
    private final Thread thread;
    private volatile boolean closed;
    private volatile long peakBytes;
    private volatile long residentPeakBytes;

    /** @param url of its management port */
    record Agent(String url, long process) {}

    AgentMemory(List<Agent> agents) {
        this.agents = List.copyOf(agents);
        this.thread = new Thread(this::look, "agent-memory");
        thread.setDaemon(true);
        thread.start();
    }

    Map<Figure, Double> figures() {
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        if (peakBytes > 0) {
            figures.put(Figure.AGENT_MEMORY_PEAK_BYTES, (double) peakBytes);
        }
        if (residentPeakBytes > 0) {
            figures.put(Figure.AGENT_RESIDENT_PEAK_BYTES, (double) residentPeakBytes);
        }
        return figures;
    }

    private void look() {
        try {
            while (!closed) {
                agents.forEach(this::look);
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(Agent agent) {
        OptionalLong heap = metric(agent, "jvm.memory.used?tag=area:heap");
        OptionalLong direct = metric(agent, "jvm.buffer.memory.used?tag=id:direct");
        if (heap.isPresent() && direct.isPresent()) {
            peakBytes = Math.max(peakBytes, heap.getAsLong() + direct.getAsLong());
        }
        resident(agent.process()).ifPresent(bytes -> residentPeakBytes = Math.max(residentPeakBytes, bytes));
    }

    private OptionalLong metric(Agent agent, String query) {
        Request request = new Request.Builder()
                .url(agent.url() + "/actuator/metrics/" + query)
                .build();
        try (Response response = http.newCall(request).execute()) {
            return response.isSuccessful() ? value(response.body().string()) : OptionalLong.empty();
        } catch (IOException | JsonParseException | IllegalStateException e) {
            return OptionalLong.empty(); // busy, or going; the next look will tell
        }
    }

    static OptionalLong value(String json) {
        for (JsonElement each : JsonParser.parseString(json).getAsJsonObject().getAsJsonArray("measurements")) {
            if (each.getAsJsonObject().get("statistic").getAsString().equals("VALUE")) {
                return OptionalLong.of(
                        (long) each.getAsJsonObject().get("value").getAsDouble());
            }
        }
        return OptionalLong.empty();
    }

    private static OptionalLong resident(long process) {
        try {
            return resident(Files.readString(Path.of("/proc", Long.toString(process), "status")));
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    static OptionalLong resident(String status) {
        return status.lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIBIBYTE)
                .findFirst();
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }
}
