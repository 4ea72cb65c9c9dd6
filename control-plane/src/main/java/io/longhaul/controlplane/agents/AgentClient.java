package io.longhaul.controlplane.agents;

import io.longhaul.api.agent.model.AgentVm;
import io.longhaul.api.agent.model.PutAgentVm;
import io.longhaul.controlplane.config.AgentsProperties;
import io.longhaul.controlplane.support.Json;
import io.longhaul.controlplane.trust.TrustedCalls;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Calls agents. Thread safe. Calls about machines block the caller and fail with a ProblemException; calls about
 * migrations answer through a future that never fails. Every call may be repeated.
 */
@Component
public class AgentClient {

    /** A silent host must not use up the calls that others need. */
    private static final int CALLS_PER_HOST = 16;

    private static final int CALLS = 128;
    private static final MediaType JSON_TYPE = MediaType.get("application/json");
    private static final RequestBody EMPTY = RequestBody.create(new byte[0], JSON_TYPE);

    private final OkHttpClient client;
    private final OkHttpClient machineClient;
    private final AgentAnswers answers;
    private final Json json;

    public AgentClient(AgentsProperties properties, TrustedCalls calls, Json json) {
        Dispatcher dispatcher = new Dispatcher();
        dispatcher.setMaxRequests(CALLS);
        dispatcher.setMaxRequestsPerHost(CALLS_PER_HOST);
        this.client = calls.secure(new OkHttpClient.Builder())
                .dispatcher(dispatcher)
                .connectionPool(new ConnectionPool())
                .connectTimeout(properties.connectTimeout())
                .readTimeout(properties.callTimeout())
                .callTimeout(properties.callTimeout())
                .followRedirects(false)
                .build();
        this.machineClient = client.newBuilder()
                .readTimeout(properties.machineCallTimeout())
                .callTimeout(properties.machineCallTimeout())
                .build();
        this.answers = new AgentAnswers(json);
        this.json = json;
    }

    public AgentVm putVm(AgentAddress agent, UUID vm, PutAgentVm order) {
        return machine(agent, request(agent, vmPath(vm), Map.of()).put(body(json.write(order))));
    }

    public AgentVm getVm(AgentAddress agent, UUID vm) {
        return machine(agent, request(agent, vmPath(vm), Map.of()).get());
    }

    public AgentVm startVm(AgentAddress agent, UUID vm, long epoch) {
        return machine(
                agent,
                request(agent, vmPath(vm) + "/start", Map.of("epoch", epoch)).post(EMPTY));
    }

    public AgentVm stopVm(AgentAddress agent, UUID vm, long epoch, boolean force) {
        return machine(
                agent,
                request(agent, vmPath(vm) + "/stop", Map.of("epoch", epoch, "force", force))
                        .post(EMPTY));
    }

    /** Deleting a machine that is gone succeeds. */
    public void deleteVm(AgentAddress agent, UUID vm) {
        String unused = text(agent, request(agent, vmPath(vm), Map.of()).delete(), true);
    }

    public String serialLog(AgentAddress agent, UUID vm, int tailBytes) {
        return text(
                agent,
                request(agent, vmPath(vm) + "/serial-log", Map.of("tailBytes", tailBytes))
                        .get(),
                false);
    }

    public CompletableFuture<AgentAnswer> send(AgentAddress agent, MigrationCommand command) {
        String path = "agent/v1/migrations/" + command.migrationId();
        return enqueue(
                switch (command.kind()) {
                    case INCOMING ->
                        request(agent, path + "/incoming", Map.of()).put(body(command.body()));
                    case OUTGOING ->
                        request(agent, path + "/outgoing", Map.of()).put(body(command.body()));
                    case POLICY -> request(agent, path + "/policy", Map.of()).put(body(command.body()));
                    case RESOLUTION ->
                        request(agent, path + "/resolution", Map.of()).put(body(command.body()));
                    case ABORT -> {
                        var order = json.read(command.body(), MigrationCommand.AbortOrder.class);
                        yield request(agent, path + "/abort", Map.of("epoch", order.epoch(), "role", order.role()))
                                .post(EMPTY);
                    }
                    case FORGET -> {
                        var order = json.read(command.body(), MigrationCommand.ForgetOrder.class);
                        yield request(agent, path, Map.of("deleteSourceDisks", order.deleteSourceDisks()))
                                .delete();
                    }
                });
    }

    /** How one side of a migration is now. */
    public CompletableFuture<AgentAnswer> ask(AgentAddress agent, String migrationId) {
        return enqueue(
                request(agent, "agent/v1/migrations/" + migrationId, Map.of()).get());
    }

    @PreDestroy
    void close() {
        client.dispatcher().cancelAll();
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }

    private CompletableFuture<AgentAnswer> enqueue(Request.Builder request) {
        CompletableFuture<AgentAnswer> future = new CompletableFuture<>();
        client.newCall(request.build()).enqueue(new Callback() {
            @Override
            public void onFailure(Call call, IOException e) {
                future.complete(new AgentAnswer.Unanswered(String.valueOf(e.getMessage())));
            }

            @Override
            public void onResponse(Call call, Response response) {
                future.complete(answers.migrationAnswer(response));
            }
        });
        return future;
    }

    private AgentVm machine(AgentAddress agent, Request.Builder request) {
        return answers.machine(agent, text(agent, request, false));
    }

    private String text(AgentAddress agent, Request.Builder request, boolean missingIsFine) {
        try (Response response = machineClient.newCall(request.build()).execute()) {
            return answers.text(agent, response, missingIsFine);
        } catch (IOException e) {
            throw AgentAnswers.unreachable(agent, e);
        }
    }

    private Request.Builder request(AgentAddress agent, String path, Map<String, Object> query) {
        HttpUrl.Builder url = HttpUrl.get(agent.url()).newBuilder().addPathSegments(path);
        query.forEach((name, value) -> url.addQueryParameter(name, String.valueOf(value)));
        return new Request.Builder()
                .url(url.build())
                .tag(TrustedCalls.MeantFor.class, new TrustedCalls.MeantFor(agent.host()));
    }

    private static String vmPath(UUID vm) {
        return "agent/v1/vms/" + vm;
    }

    private static RequestBody body(@Nullable String text) {
        return RequestBody.create(String.valueOf(text), JSON_TYPE);
    }
}
