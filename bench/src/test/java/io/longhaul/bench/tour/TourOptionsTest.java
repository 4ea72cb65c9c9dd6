package io.longhaul.bench.tour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TourOptionsTest {

    @Test
    void theDefaultsServeOnAFixedPortFromTheCheckoutsOwnFolder() {
        TourOptions options = TourOptions.parse("--checkout", "/checkout");
        assertThat(options.once()).isFalse();
        assertThat(options.json()).isFalse();
        assertThat(options.port()).isEqualTo(8080);
        assertThat(options.folder()).isEqualTo(Path.of("/checkout/.longhaul"));
    }

    @Test
    void everyPortCanBeSet() {
        TourOptions options = TourOptions.parse(
                "--port", "9000", "--report-port", "9004", "--agent-ports", "9001,9002", "--transfer-ports", "9003,0");
        assertThat(options.port()).isEqualTo(9000);
        assertThat(options.reportPort()).isEqualTo(9004);
        assertThat(options.agentPorts()).containsExactly(9001, 9002);
        assertThat(options.transferPorts()).containsExactly(9003, 0);
    }

    @Test
    void refusesWhatItCannotUseAndSaysWhatItSaw() {
        assertThatThrownBy(() -> TourOptions.parse("--nonsense")).hasMessageContaining("--nonsense");
        assertThatThrownBy(() -> TourOptions.parse("--port", "0")).hasMessageContaining("--port 0");
        assertThatThrownBy(() -> TourOptions.parse("--port", "x"))
                .hasMessageContaining("expected a number, 1 to 65535");
        assertThatThrownBy(() -> TourOptions.parse("--agent-ports", "1")).hasMessageContaining("two ports");
        assertThatThrownBy(() -> TourOptions.parse("--data")).hasMessageContaining("needs a value");
    }
}
