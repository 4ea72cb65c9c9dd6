package io.longhaul.agent.reporting;

import io.longhaul.api.agent.model.Heartbeat;
import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.Registration;
import java.io.IOException;
import java.net.URI;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import tools.jackson.databind.json.JsonMapper;

/** The control plane's ear for this host. Thread safe; blocks until it has answered or the client's time is over. */
public final class ControlPlane {
    private static final MediaType JSON = MediaType.get("application/json");
    private static final int ANSWER_LIMIT_BYTES = 64 * 1024;

    private final OkHttpClient client;
    private final JsonMapper mapper;
    private final HttpUrl base;

    /** @param client proves this host, and makes sure of the control plane */
    public ControlPlane(OkHttpClient client, JsonMapper mapper, URI controlPlaneUrl, String hostName) {
        this.client = client;
        this.mapper = mapper;
        HttpUrl url = HttpUrl.get(controlPlaneUrl);
        if (url == null) {
            throw new IllegalArgumentException(
                    "longhaul.agent.control-plane-url is " + controlPlaneUrl + "; expected https://");
        }
        this.base = url.newBuilder()
                .addPathSegments("agent-reports/v1/hosts")
                .addPathSegment(hostName)
                .build();
    }

    HttpUrl address() {
        return base;
    }

    Answer register(Registration registration) {
        return put("registration", registration);
    }

    Answer heartbeat(Heartbeat heartbeat) {
        return put("heartbeat", heartbeat);
    }

    Answer report(MigrationReport report) {
        return put("migrations", report);
    }

    private Answer put(String what, Object body) {
        Request request = new Request.Builder()
                .url(base.newBuilder().addPathSegment(what).build())
                .put(RequestBody.create(mapper.writeValueAsBytes(body), JSON))
                .build();
        try (Response response = client.newCall(request).execute()) {
            String text = response.peekBody(ANSWER_LIMIT_BYTES).string();
            return new Answer(kind(response.code(), text), response.isSuccessful() ? text : describe(response, text));
        } catch (IOException e) {
            return new Answer(Answer.Kind.FAILED, e.toString());
        }
    }

    private static String describe(Response response, String text) {
        return "it answered " + response.code() + " " + text;
    }

    private static Answer.Kind kind(int status, String text) {
        if (status >= 200 && status < 300) {
            return Answer.Kind.TAKEN;
        }
        if (status == 404 && text.contains("NO_SUCH_HOST")) {
            return Answer.Kind.NO_SUCH_HOST;
        }
        boolean lasting = status == 400 || status == 409 || status == 422;
        return lasting ? Answer.Kind.REFUSED : Answer.Kind.FAILED;
    }
}
