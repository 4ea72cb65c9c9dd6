package io.longhaul.agent.migrations;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import io.longhaul.agent.vms.BootFileStore;
import io.longhaul.agent.vms.VmRecord.StoredBootFile;
import io.longhaul.api.agent.model.BootFileKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FetchBootFilesTest {
    @TempDir
    Path folder = Path.of("unset");

    /** One that gives a byte now and then is never silent for long, and would hold its thread for ever. */
    @Test
    void aSourceThatOnlyDribblesIsGivenUp() throws IOException {
        WireMockServer source = new WireMockServer(options().dynamicPort());
        source.start();
        try {
            source.stubFor(get(anyUrl())
                    .willReturn(aResponse().withBody("x".repeat(1000)).withChunkedDribbleDelay(1000, 60_000)));
            FetchBootFiles fetch =
                    new FetchBootFiles(new OkHttpClient(), Duration.ofMillis(300), new BootFileStore(folder, 1 << 20));
            StoredBootFile file = new StoredBootFile(BootFileKind.KERNEL, "0".repeat(64), 1000);
            assertThatThrownBy(() -> fetch.fetch(
                            new UUID(1, 2), new FetchBootFiles.Source("host-b", source.baseUrl()), List.of(file)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("timeout");
        } finally {
            source.stop();
        }
    }
}
