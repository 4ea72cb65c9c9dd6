package io.longhaul.agent.migrations;

import io.longhaul.agent.identity.Peers;
import io.longhaul.agent.vms.BootFileStore;
import io.longhaul.agent.vms.VmRecord.StoredBootFile;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** Gets the boot files that are not here yet from the source's agent. Thread safe; blocks while it transfers. */
public final class FetchBootFiles {
    private final OkHttpClient client;
    private final BootFileStore store;

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
     * @throws IOException says which one could not be had, and why
     */
    void fetch(UUID vmId, Source source, List<StoredBootFile> files) throws IOException {
        for (StoredBootFile file : files) {
            if (!store.has(file)) {
                try {
                    fetch(source.hostName(), url(vmId, source.agentUrl(), file), file);
                } catch (IOException e) {
                    throw new IOException(file.kind() + " from " + source.agentUrl() + ": " + e.getMessage(), e);
                }
            }
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

    private void fetch(String hostName, HttpUrl url, StoredBootFile file) throws IOException {
        Request request = new Request.Builder()
                .url(url)
                .tag(Peers.MeantFor.class, new Peers.MeantFor(hostName))
                .build();
        try (Response response = client.newCall(request).execute()) {
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
