package io.longhaul.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class AgentPropertiesTest {
    private static final String[] REQUIRED = {"longhaul.agent.host-name=host-a", "longhaul.agent.site=west"};

    private final ApplicationContextRunner runner =
            new ApplicationContextRunner().withUserConfiguration(Properties.class);

    @Test
    void hasTheDefaultsThatAreDocumented() {
        runner.withPropertyValues(REQUIRED).run(context -> {
            AgentProperties properties = context.getBean(AgentProperties.class);
            assertThat(properties.controlPlaneUrl()).isEqualTo(URI.create("https://127.0.0.1:8443"));
            assertThat(properties.joinToken()).isNull();
            assertThat(properties.joinTokenFile()).isEqualTo(Path.of("longhaul-data/join-token"));
            AgentSettings settings = AgentSettings.of(properties, Path.of("/tmp"));
            Path dataFolder = Path.of("longhaul-agent-data").toAbsolutePath();
            assertThat(settings.dataFolder()).isEqualTo(dataFolder);
            assertThat(settings.socketFolder().toString()).matches("/tmp/longhaul-[0-9a-f]{8}");
            assertThat(settings.pools()).isEqualTo(Map.of("default", dataFolder.resolve("pool")));
            assertThat(settings.networks().keySet()).containsExactly("default");
            assertThat(settings.networks().values()).allMatch(network -> !network.bridged());
            assertThat(settings.transferAddress()).isEqualTo(new InetSocketAddress("127.0.0.1", 0));
            assertThat(settings.transferConnections()).isEqualTo(16);
            assertThat(settings.transferAdvertisedHost()).isEmpty();
            assertThat(settings.advertiseUrl()).isEmpty();
            assertThat(settings.templateFolder()).isEqualTo(dataFolder.resolve("templates"));
            assertThat(settings.memoryLimitBytes()).isEmpty();
            assertThat(settings.bootFileLimitBytes()).isEqualTo(512 << 20);
            assertThat(settings.stopTimeout()).isEqualTo(Duration.ofSeconds(60));
            assertThat(settings.rehearsal()).isTrue();
        });
    }

    @Test
    void takesEveryKey() {
        runner.withPropertyValues(REQUIRED)
                .withPropertyValues(
                        "longhaul.agent.control-plane-url=https://control:8443",
                        "longhaul.agent.join-token-file=/etc/token",
                        "longhaul.agent.data-folder=/var/lib/longhaul",
                        "longhaul.agent.socket-folder=/run/longhaul",
                        "longhaul.agent.advertise-url=https://192.0.2.1:7070",
                        "longhaul.agent.transfer-address=0.0.0.0:7071",
                        "longhaul.agent.transfer-connections=4",
                        "longhaul.agent.transfer-advertised-host=192.0.2.1",
                        "longhaul.agent.template-folder=/srv/images",
                        "longhaul.agent.pools.fast=/fast",
                        "longhaul.agent.networks.lan.kind=bridge",
                        "longhaul.agent.networks.lan.bridge=br0",
                        "longhaul.agent.memory-limit=8GB",
                        "longhaul.agent.boot-file-limit=64MB",
                        "longhaul.agent.stop-timeout=5s",
                        "longhaul.agent.rehearsal=false")
                .run(context -> {
                    AgentSettings settings = AgentSettings.of(context.getBean(AgentProperties.class), Path.of("/tmp"));
                    assertThat(settings.templateFolder()).isEqualTo(Path.of("/srv/images"));
                    assertThat(settings.pools()).isEqualTo(Map.of("fast", Path.of("/fast")));
                    assertThat(settings.networks().values())
                            .allMatch(network -> network.bridge().equals(Optional.of("br0")));
                    assertThat(settings.memoryLimitBytes()).hasValue(8L << 30);
                    assertThat(settings.transferAddress().getPort()).isEqualTo(7071);
                    assertThat(settings.transferConnections()).isEqualTo(4);
                    assertThat(settings.stopTimeout()).isEqualTo(Duration.ofSeconds(5));
                    assertThat(settings.rehearsal()).isFalse();
                });
    }

    @Test
    void failsTheStartForAKeyThatIsMissingWrongOrUnknown() {
        assertFails("longhaul.agent.host-name must be set", "longhaul.agent.site=west");
        assertFails("longhaul.agent.site must be set", "longhaul.agent.host-name=host-a");
        assertFails("host:port", REQUIRED[0], REQUIRED[1], "longhaul.agent.transfer-address=7071");
        assertFails("user or bridge", REQUIRED[0], REQUIRED[1], "longhaul.agent.networks.lan.kind=vlan");
        assertFails("longhaul.agent.pool-folder", REQUIRED[0], REQUIRED[1], "longhaul.agent.pool-folder=/pool");
    }

    @Test
    void refusesASocketFolderThatIsTooLongAndABridgeWithoutAName() {
        runner.withPropertyValues(REQUIRED)
                .withPropertyValues("longhaul.agent.socket-folder=/" + "long".repeat(20))
                .run(context -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> AgentSettings.of(context.getBean(AgentProperties.class), Path.of("/tmp")))
                        .withMessageContaining("longhaul.agent.socket-folder"));
        runner.withPropertyValues(REQUIRED)
                .withPropertyValues("longhaul.agent.networks.lan.kind=bridge")
                .run(context -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> AgentSettings.of(context.getBean(AgentProperties.class), Path.of("/tmp")))
                        .withMessageContaining("longhaul.agent.networks.lan"));
    }

    @Test
    void refusesAddressesWithoutTls() {
        for (String setting :
                new String[] {"control-plane-url=http://10.0.0.1:8080", "advertise-url=http://10.0.0.2:7070"}) {
            runner.withPropertyValues(REQUIRED)
                    .withPropertyValues("longhaul.agent." + setting)
                    .run(context -> assertThatIllegalArgumentException()
                            .isThrownBy(() -> AgentSettings.of(context.getBean(AgentProperties.class), Path.of("/tmp")))
                            .withMessageContaining("https://"));
        }
    }

    private void assertFails(String words, String... values) {
        runner.withPropertyValues(values)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .satisfies(cause -> assertThat(cause.toString()).contains(words)));
    }

    @EnableConfigurationProperties(AgentProperties.class)
    static class Properties {}
}
