package io.longhaul.bench.wan;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** QEMU's monitor on a pair of streams. Thread safe; a thread of its own reads. A call blocks until QEMU has answered. */
final class QmpClient {
    private static final long ANSWER_PATIENCE_NANOS = 120_000_000_000L;

    private final OutputStream out;
    private final List<JsonObject> events = new ArrayList<>();
    private final List<JsonObject> answers = new ArrayList<>();
    private boolean ended;
    private long lastId;

    private QmpClient(OutputStream out) {
        this.out = out;
    }

    /** Greets QEMU. */
    static QmpClient connect(InputStream in, OutputStream out) {
        QmpClient client = new QmpClient(out);
        Thread reader = new Thread(() -> client.read(in), "qmp");
        reader.setDaemon(true);
        reader.start();
        client.execute("qmp_capabilities", new JsonObject());
        return client;
    }

    /** An event of QEMU, at the time that QEMU gave it. */
    static double millis(JsonObject event) {
        JsonObject time = event.getAsJsonObject("timestamp");
        return time.get("seconds").getAsLong() * 1e3 + time.get("microseconds").getAsLong() / 1e3;
    }

    JsonElement execute(String command) {
        return execute(command, new JsonObject());
    }

    JsonElement execute(String command, String arguments) {
        return execute(command, JsonParser.parseString(arguments).getAsJsonObject());
    }

    private synchronized JsonElement execute(String command, JsonObject arguments) {
        long id = ++lastId;
        JsonObject request = new JsonObject();
        request.addProperty("execute", command);
        request.add("arguments", arguments);
        request.addProperty("id", id);
        try {
            out.write((request + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw new WanException("QEMU has ended: " + e.getMessage(), e);
        }
        JsonObject answer = await(answers, each -> each.get("id").getAsLong() == id, deadline())
                .orElseThrow(() -> new WanException("QEMU does not answer " + request));
        if (answer.has("error")) {
            throw new WanException("QEMU refuses " + request + ": " + answer.get("error"));
        }
        return answer.get("return");
    }

    private static long deadline() {
        return System.nanoTime() + ANSWER_PATIENCE_NANOS;
    }

    /** An event that has come since the start, or comes by the deadline. */
    synchronized Optional<JsonObject> awaitEvent(Predicate<JsonObject> wanted, long deadlineNanos) {
        return await(events, wanted, deadlineNanos);
    }

    static Predicate<JsonObject> named(String name) {
        return event -> event.get("event").getAsString().equals(name);
    }

    private synchronized Optional<JsonObject> await(
            List<JsonObject> list, Predicate<JsonObject> wanted, long deadlineNanos) {
        while (true) {
            Optional<JsonObject> found = list.stream().filter(wanted).findFirst();
            long millis = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (found.isPresent() || millis <= 0 || ended) {
                return found;
            }
            try {
                wait(millis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new WanException("Interrupted while waiting for QEMU", e);
            }
        }
    }

    private void read(InputStream in) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                take(JsonParser.parseString(line).getAsJsonObject());
            }
        } catch (IOException e) {
            // It ends with QEMU, in whichever way; who waits is told.
        } finally {
            end();
        }
    }

    private synchronized void take(JsonObject message) {
        if (message.has("event")) {
            events.add(message);
        } else if (message.has("id")) {
            answers.add(message);
        }
        notifyAll();
    }

    private synchronized void end() {
        ended = true;
        notifyAll();
    }
}
