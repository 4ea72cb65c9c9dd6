package io.longhaul.bench.wan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WanOptionsTest {

    @Test
    void theDefaultsAreTheOnesOfTheBars() {
        WanOptions options = WanOptions.parse("--checkout", "/checkout");
        assertThat(options.link()).isEqualTo(new LinkProperties(100, 1000, 0));
        assertThat(options.workload()).isEqualTo(Workload.MIXED);
        assertThat(options.runs()).isEqualTo(3);
        assertThat(options.memoryMebibytes()).isEqualTo(512);
        assertThat(options.diskMebibytes()).isEqualTo(1024);
        assertThat(options.sides()).containsExactly(Side.OURS, Side.NATIVE);
        assertThat(options.nativeMode()).isEqualTo(NativeMode.WRITE_BLOCKING);
        assertThat(options.deadline()).isEqualTo(Duration.ofMinutes(2));
        assertThat(options.out()).isEqualTo(Path.of("/checkout/docs/benchmarks"));
        assertThat(options.json()).isFalse();
    }

    @Test
    void everythingCanBeSet() {
        WanOptions options = WanOptions.parse(
                "--rtt 0.5 --rate 0 --loss 0.1 --workload oltp --runs 1 --side native --native multifd-zstd --json"
                        .split(" "));
        assertThat(options.link()).isEqualTo(new LinkProperties(0.5, 0, 0.1));
        assertThat(options.workload()).isEqualTo(Workload.OLTP);
        assertThat(options.sides()).containsExactly(Side.NATIVE);
        assertThat(options.nativeMode()).isEqualTo(NativeMode.MULTIFD_ZSTD);
        assertThat(options.json()).isTrue();
    }

    @Test
    void refusesWhatItCannotUseAndSaysWhatItSaw() {
        assertThatThrownBy(() -> WanOptions.parse("--nonsense", "1")).hasMessageContaining("--nonsense");
        assertThatThrownBy(() -> WanOptions.parse("--rtt", "-1")).hasMessageContaining("--rtt -1");
        assertThatThrownBy(() -> WanOptions.parse("--rtt", "NaN")).hasMessageContaining("--rtt NaN");
        assertThatThrownBy(() -> WanOptions.parse("--runs", "0")).hasMessageContaining("1 to 1000");
        assertThatThrownBy(() -> WanOptions.parse("--workload", "x")).hasMessageContaining("idle, mixed, oltp");
        assertThatThrownBy(() -> WanOptions.parse("--native", "x")).hasMessageContaining("multifd-zstd");
        assertThatThrownBy(() -> WanOptions.parse("--side")).hasMessageContaining("needs a value");
    }
}
