package io.longhaul.bench.api;

import com.google.gson.JsonParseException;
import io.longhaul.client.ApiClient;
import io.longhaul.client.ApiException;
import io.longhaul.client.JSON;
import io.longhaul.client.api.EventsApi;
import io.longhaul.client.api.HostsApi;
import io.longhaul.client.api.MigrationsApi;
import io.longhaul.client.api.ProblemsApi;
import io.longhaul.client.api.VmsApi;
import io.longhaul.client.model.Problem;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** The public API of one control plane. Thread safe. */
public final class PublicApi implements AutoCloseable {
    private static final int CONNECT_TIMEOUT_MILLIS = 3_000;

    /** The longest hold of an answer that the API offers, and a little. */
    private static final Duration LONGEST_ANSWER = Duration.ofMinutes(61);

    private final ApiClient client;

    public PublicApi(String url) {
        this(url, LONGEST_ANSWER);
    }

    public PublicApi(String url, Duration readTimeout) {
        client = new ApiClient()
                .setBasePath(url)
                .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
                .setReadTimeout((int) readTimeout.toMillis());
    }

    public String url() {
        return client.getBasePath();
    }

    public HostsApi hosts() {
        return new HostsApi(client);
    }

    public VmsApi vms() {
        return new VmsApi(client);
    }

    public MigrationsApi migrations() {
        return new MigrationsApi(client);
    }

    public EventsApi events() {
        return new EventsApi(client);
    }

    public ProblemsApi problems() {
        return new ProblemsApi(client);
    }

    /** For requests that the generated client would not make. */
    public OkHttpClient http() {
        return client.getHttpClient();
    }

    public boolean isHealthy() {
        Request request = new Request.Builder().url(url() + "/actuator/health").build();
        try (Response response = http().newCall(request).execute()) {
            return response.isSuccessful();
        } catch (IOException e) {
            return false;
        }
    }

    /** The problem that the API answered with; empty where it did not answer. */
    public static Optional<Problem> problem(ApiException refusal) {
        String body = refusal.getResponseBody();
        if (body == null || body.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(JSON.deserialize(body, Problem.class));
        } catch (JsonParseException | IllegalArgumentException e) {
            return Optional.empty(); // another server answers on this port
        }
    }

    /** Ends the connections that are kept open, so that the process can end at once. */
    @Override
    public void close() {
        http().dispatcher().executorService().shutdown();
        http().connectionPool().evictAll();
    }
}
