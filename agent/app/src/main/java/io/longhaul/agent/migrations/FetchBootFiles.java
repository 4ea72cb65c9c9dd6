package io.longhaul.agent.migrations;

import io.longhaul.agent.identity.Peers;
import io.longhaul.agent.vms.BootFileStore;
import io.longhaul.agent.vms.VmRecord.StoredBootFile;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BooleanSupplier;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** Gets the boot files that are not here yet from the source's agent. Thread safe; blocks while it transfers. */
public final class FetchBootFiles {
    private final OkHttpClient client;
    private final BootFileStore store;
    private final ConcurrentMap<String, Call> underWay = new ConcurrentHashMap<>();

    /**
     * @param client proves this host, and makes sure of whom a call is meant for
     * @param longest that one file may take, from the request to its last byte
     */
    public FetchBootFiles(OkHttpClient client, Duration longest, BootFileStore store) {
        this.client = client.newBuilder().callTimeout(longest).build();
        this.store = store;
    }

    /** Whose agent, and where. */
    record Source(String hostName, String agentUrl) {}

    /**
     * Returns when all are in the store.
     *
     * @param wanted nothing more is fetched once it is false; who makes it so then calls {@link #cancel}
     * @throws IOException says which one could not be had, and why
     */
    void fetch(String migrationId, UUID vmId, Source source, List<StoredBootFile> files, BooleanSupplier wanted)
            throws IOException {
        for (StoredBootFile file : files) {
            if (!store.has(file)) {
                try {
                    Call call = client.newCall(request(source.hostName(), url(vmId, source.agentUrl(), file)));
                    underWay.put(migrationId, call);
                    fetch(call, file, wanted);
                } catch (IOException e) {
                    throw new IOException(file.kind() + " from " + source.agentUrl() + ": " + e.getMessage(), e);
                } finally {
                    underWay.remove(migrationId);
                }
            }
        }
    }

    /** Ends a fetch that is under way at once, however long its source would be silent. Does nothing else. */
    void cancel(String migrationId) {
        Call call = underWay.get(migrationId);
        if (call != null) {
            call.cancel();
        }
    }

    private static HttpUrl url(UUID vmId, String sourceAgentUrl, StoredBootFile file) throws IOException {
        HttpUrl base = HttpUrl.parse(sourceAgentUrl);
        if (base == null) {
            throw new IOException("not an HTTP address");
        }
        return base.newBuilder()
                .addPathSegments("agent/v1/vms")
                .addPathSegment(vmId.toString())
                .addPathSegment("boot-files")
                .addPathSegment(file.kind().getValue())
                .build();
    }

    private static Request request(String hostName, HttpUrl url) {
        return new Request.Builder()
                .url(url)
                .tag(Peers.MeantFor.class, new Peers.MeantFor(hostName))
                .build();
    }

    private void fetch(Call call, StoredBootFile file, BooleanSupplier wanted) throws IOException {
        if (!wanted.getAsBoolean()) {
            throw new IOException("it is not wanted any more");
        }
        try (Response response = call.execute()) {
            if (!response.isSuccessful()) {
                throw new IOException("the source's agent answered " + response.code());
            }
            StoredBootFile stored = store.store(file.kind(), response.body().byteStream());
            if (!stored.equals(file)) {
                throw new IOException("got " + stored.sizeBytes() + " bytes with SHA-256 " + stored.sha256()
                        + ", expected " + file.sizeBytes() + " with " + file.sha256());
            }
        }
    }
}
