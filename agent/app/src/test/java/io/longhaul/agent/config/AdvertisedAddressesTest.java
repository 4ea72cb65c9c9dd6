package io.longhaul.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.transport.CongestionControl;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AdvertisedAddressesTest {

    @Test
    void advertisesTheAddressesItListensOn() {
        AdvertisedAddresses addresses = AdvertisedAddresses.of(settings(null, "192.0.2.7", null), "192.0.2.2");
        assertThat(addresses.commandUrl(7070)).isEqualTo("https://192.0.2.2:7070");
        assertThat(addresses.transferHost()).isEqualTo("192.0.2.7");
        assertThat(AdvertisedAddresses.of(settings(null, "::1", null), "::1").commandUrl(1))
                .isEqualTo("https://[::1]:1");
    }

    @Test
    void whatIsConfiguredWins() {
        AdvertisedAddresses addresses =
                AdvertisedAddresses.of(settings("https://agent.example:1", "0.0.0.0", "192.0.2.9"), "0.0.0.0");
        assertThat(addresses.commandUrl(7070)).isEqualTo("https://agent.example:1");
        assertThat(addresses.transferHost()).isEqualTo("192.0.2.9");
        assertThat(AdvertisedAddresses.of(settings("https://192.0.2.1:1", "0.0.0.0", null), null)
                        .transferHost())
                .isEqualTo("192.0.2.1");
    }

    @Test
    void anAddressNobodyCanConnectToIsRefused() {
        for (String wildcard : new String[] {"0.0.0.0", "::", ""}) {
            assertThatThrownBy(() -> AdvertisedAddresses.of(settings(null, "192.0.2.7", null), wildcard))
                    .isInstanceOf(StartRefusedException.class)
                    .hasMessageContaining("server.address")
                    .hasMessageContaining("longhaul.agent.advertise-url");
        }
        assertThatThrownBy(() -> AdvertisedAddresses.of(settings(null, "0.0.0.0", null), "192.0.2.2"))
                .isInstanceOf(StartRefusedException.class)
                .hasMessageContaining("longhaul.agent.transfer-address")
                .hasMessageContaining("longhaul.agent.advertise-url");
    }

    private static AgentSettings settings(@Nullable String url, String transfer, @Nullable String transferHost) {
        return new AgentSettings(
                "host-a",
                "west",
                URI.create("https://127.0.0.1:1"),
                Path.of("/data"),
                Path.of("/tmp/x"),
                Optional.ofNullable(url).map(URI::create),
                new InetSocketAddress(transfer, 0),
                8,
                CongestionControl.SYSTEM,
                Optional.ofNullable(transferHost),
                Path.of("/data/templates"),
                Map.of(),
                Map.of(),
                OptionalLong.empty(),
                1,
                Duration.ofSeconds(1),
                false);
    }
}
