package io.longhaul.agent.migrations;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import io.longhaul.agent.vms.BootFileStore;
import io.longhaul.agent.vms.VmRecord.StoredBootFile;
import io.longhaul.api.agent.model.BootFileKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class FetchBootFilesTest {
    @TempDir
    Path folder = Path.of("unset");

    private final WireMockServer agent = new WireMockServer(options().dynamicPort());
    private final StoredBootFile file = new StoredBootFile(BootFileKind.KERNEL, "0".repeat(64), 1000);

    @BeforeEach
    void dribble() {
        agent.start();
        agent.stubFor(
                get(anyUrl()).willReturn(aResponse().withBody("x".repeat(1000)).withChunkedDribbleDelay(1000, 60_000)));
    }

    @AfterEach
    void stop() {
        agent.stop();
    }

    private FetchBootFiles fetchWithin(Duration longest) throws IOException {
        return new FetchBootFiles(new OkHttpClient(), longest, new BootFileStore(folder, 1 << 20));
    }

    private void fetch(FetchBootFiles fetch, BooleanSupplier wanted) throws IOException {
        fetch.fetch("m-1", new UUID(1, 2), new FetchBootFiles.Source("host-b", agent.baseUrl()), List.of(file), wanted);
    }

    /** One that gives a byte now and then is never silent for long, and would hold its thread for ever. */
    @Test
    void aSourceThatOnlyDribblesIsGivenUp() throws IOException {
        FetchBootFiles fetch = fetchWithin(Duration.ofMillis(300));
        assertThatThrownBy(() -> fetch(fetch, () -> true))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("timeout");
    }

    @Test
    @Timeout(60)
    void aFetchThatIsCancelledEndsAtOnceAndLeavesNothing() throws IOException, InterruptedException {
        FetchBootFiles fetch = fetchWithin(Duration.ofHours(1));
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Void> fetching = CompletableFuture.runAsync(() -> {
            try {
                fetch(fetch, () -> {
                    begun.countDown();
                    return true;
                });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        begun.await();
        fetch.cancel("m-1");
        assertThatThrownBy(fetching::join).hasRootCauseMessage("Canceled");
        assertThat(folder.resolve("boot-files")).isEmptyDirectory();
    }

    @Test
    void whatIsNotWantedAnyMoreIsNotAskedFor() throws IOException {
        FetchBootFiles fetch = fetchWithin(Duration.ofHours(1));
        assertThatThrownBy(() -> fetch(fetch, () -> false)).hasMessageContaining("not wanted");
        assertThat(agent.getAllServeEvents()).isEmpty();
    }
}
