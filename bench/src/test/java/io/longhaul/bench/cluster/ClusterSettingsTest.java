package io.longhaul.bench.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterSettingsTest {

    @Test
    void socketsAreInTheDataFolderWhereItsPathIsShort() {
        assertThat(settings("/tmp/short").socketFolder("host-a")).isEqualTo(Path.of("/tmp/short/s/host-a"));
    }

    @Test
    void socketsOfADeepDataFolderHaveAShortPathThatStaysTheSame() {
        String deep = "/home/somebody/with/a/very/deep/checkout/.longhaul";
        Path sockets = settings(deep).socketFolder("host-a");
        assertThat(sockets.toString()).hasSizeLessThanOrEqualTo(47);
        assertThat(settings(deep).socketFolder("host-a")).isEqualTo(sockets);
        assertThat(settings(deep + "2").socketFolder("host-a")).isNotEqualTo(sockets);
    }

    @Test
    void anAgentIsToldItsHostItsFoldersAndItsPorts() {
        ClusterSettings settings = settings("/tmp/short");
        HostSettings host =
                new HostSettings("host-a", "west", 7071, 7171, Map.of("longhaul.agent.memory-limit", "1GB"));
        assertThat(ServerCommand.agent(settings, host).command())
                .contains(
                        "--server.port=7071",
                        "--management.server.port=0",
                        "--longhaul.agent.host-name=host-a",
                        "--longhaul.agent.site=west",
                        "--longhaul.agent.control-plane-url=https://127.0.0.1:8443",
                        "--longhaul.agent.join-token-file=/tmp/short/control-plane/join-token",
                        "--longhaul.agent.transfer-address=127.0.0.1:7171",
                        "--longhaul.agent.memory-limit=1GB");
    }

    private static ClusterSettings settings(String dataFolder) {
        ProgramJars jars = new ProgramJars(Path.of("control-plane.jar"), Path.of("agent.jar"));
        return new ClusterSettings(jars, Path.of(dataFolder), 8080, Map.of(), List.of());
    }
}
