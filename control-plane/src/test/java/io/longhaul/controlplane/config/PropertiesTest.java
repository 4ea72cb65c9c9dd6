package io.longhaul.controlplane.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

class PropertiesTest {

    @Test
    void everyKeyHasItsDefault() {
        assertThat(bound("longhaul", ControlPlaneProperties.class, Map.of()))
                .isEqualTo(new ControlPlaneProperties(Path.of("longhaul-data"), "127.0.0.1", 8443));
        assertThat(bound("longhaul.hosts", HostsProperties.class, Map.of()))
                .isEqualTo(new HostsProperties(Duration.ofSeconds(2), Duration.ofSeconds(10)));
        assertThat(bound("longhaul.scheduling", SchedulingProperties.class, Map.of()))
                .isEqualTo(new SchedulingProperties(8, 2, 1000));
        assertThat(bound("longhaul.execution", ExecutionProperties.class, Map.of()))
                .isEqualTo(new ExecutionProperties(
                        Duration.ofMillis(200),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(2)));
        assertThat(bound("longhaul.api", ApiProperties.class, Map.of()))
                .isEqualTo(new ApiProperties(
                        DataSize.ofMegabytes(1),
                        DataSize.ofMegabytes(16),
                        1000,
                        Duration.ofMillis(500),
                        Duration.ofHours(24)));
        assertThat(bound("longhaul.history", HistoryProperties.class, Map.of()))
                .isEqualTo(new HistoryProperties(Duration.ofDays(90)));
        assertThat(bound("longhaul.trust", TrustProperties.class, Map.of()))
                .isEqualTo(new TrustProperties(Duration.ofDays(30), Duration.ofDays(3650), Duration.ofHours(1)));
        assertThat(bound("longhaul.agents", AgentsProperties.class, Map.of()))
                .isEqualTo(
                        new AgentsProperties(Duration.ofSeconds(3), Duration.ofSeconds(10), Duration.ofSeconds(120)));
    }

    @Test
    void keysAreReadByTheirNames() {
        assertThat(bound(
                        "longhaul.scheduling",
                        SchedulingProperties.class,
                        Map.of(
                                "longhaul.scheduling.max-running", "5",
                                "longhaul.scheduling.max-running-per-host", "1",
                                "longhaul.scheduling.max-queued", "7")))
                .isEqualTo(new SchedulingProperties(5, 1, 7));
        assertThat(bound(
                        "longhaul.hosts",
                        HostsProperties.class,
                        Map.of("longhaul.hosts.heartbeat-interval", "1s", "longhaul.hosts.offline-after", "3s")))
                .isEqualTo(new HostsProperties(Duration.ofSeconds(1), Duration.ofSeconds(3)));
    }

    @Test
    void refusesRelationsThatCannotWork() {
        assertThatThrownBy(() -> new HostsProperties(Duration.ofSeconds(2), Duration.ofSeconds(3)))
                .hasMessageContaining("offline-after");
        assertThatThrownBy(() -> new HostsProperties(Duration.ofMillis(500), Duration.ofSeconds(3)))
                .hasMessageContaining("heartbeat-interval");
    }

    @Test
    void refusesToKeepNothing() {
        assertThatThrownBy(() -> new HistoryProperties(Duration.ZERO)).hasMessageContaining("longhaul.history.keep");
    }

    private static <T> T bound(String prefix, Class<T> type, Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values)).bindOrCreate(prefix, type);
    }
}
