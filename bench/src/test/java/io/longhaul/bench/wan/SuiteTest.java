package io.longhaul.bench.wan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SuiteTest {
    private static final WanOptions ONCE = WanOptions.parse("--suite", "--runs", "1", "--checkout", "/checkout");

    @Test
    void onceThroughTheTableTakesLessThanTwentyFiveMinutes() {
        assertThat(SuiteCase.all(ONCE).stream().mapToLong(SuiteCase::seconds).sum())
                .isLessThan(25 * 60);
    }

    @Test
    void everyBarIsMeasuredByItsCases() {
        Map<String, Result> all = new HashMap<>();
        for (SuiteCase each : SuiteCase.all(ONCE)) {
            Map<Figure, Double> figures = new EnumMap<>(Figure.class);
            for (Figure figure : Figure.values()) {
                figures.put(figure, 1.0);
            }
            Map<Side, List<Measurement>> runs = new EnumMap<>(Side.class);
            each.options().sides().forEach(side -> runs.put(side, List.of(new Measurement(figures, true, 0))));
            all.put(each.name(), new Result(runs, Map.of("runs", 1)));
        }
        List<SuiteBar> bars = SuiteBar.all(all);
        assertThat(bars).allMatch(bar -> bar.seen().isPresent());
        assertThat(bars.stream().map(SuiteBar::what)).doesNotHaveDuplicates();
        assertThat(SuiteBar.all(Map.of())).hasSameSizeAs(bars).noneMatch(SuiteBar::met);
        assertThat(JsonParser.parseString(SuiteText.json(bars, all))
                        .getAsJsonObject()
                        .getAsJsonArray("bars"))
                .hasSize(bars.size());
        assertThat(SuiteText.markdown(bars, all)).contains("| bar | seen | met |");
        assertThat(SuiteText.svg(bars)).startsWith("<svg").endsWith("</svg>\n");
    }

    @Test
    void aBarIsMetOnItsOwnSide() {
        assertThat(new SuiteBar("at most", 2, true, Optional.of(2.0)).met()).isTrue();
        assertThat(new SuiteBar("at least", 2, false, Optional.of(1.9)).met()).isFalse();
        assertThat(new SuiteBar("at least", 2, false, Optional.of(4.0)).shareOfLimit())
                .contains(0.5);
    }

    @Test
    void sharesAreOfTheLineAndOfTheCap() {
        LinkProperties line = new LinkProperties(100, 1000, 0);
        List<Traffic.Sample> samples = new ArrayList<>();
        // One second of nothing, then four at 25 MB/s.
        for (int tenth = 0; tenth <= 50; tenth++) {
            samples.add(new Traffic.Sample(tenth * 100_000_000L, Math.max(0, tenth - 10) * 2_500_000L));
        }
        Traffic traffic = Traffic.of(new NoLink(), samples);
        Map<Figure, Double> figures = CopyFigures.of(new Span(0, 2_000_000_000L), traffic, 40_000_000, line);
        assertThat(figures.get(Figure.LINE_RATE_SHARE)).isEqualTo(0.1, within(1e-9));
        assertThat(figures).containsEntry(Figure.DISK_BYTES_PER_SECOND, 20_000_000.0);
        assertThat(CopyFigures.ofCap(new Span(0, 5_000_000_000L), traffic, 25_000_000))
                .containsEntry(Figure.RATE_CAP_SHARE, 1.0);
    }

    @Test
    void theAgentsMetricsAndTheKernelsWordAreUnderstood() {
        assertThat(AgentMemory.value("{\"measurements\":[{\"statistic\":\"VALUE\",\"value\":1.5E7}]}"))
                .hasValue(15_000_000);
        assertThat(AgentMemory.resident("Name:\tjava\nVmRSS:\t  1024 kB\n")).hasValue(1 << 20);
        assertThat(AgentMemory.resident("Name:\tjava\n")).isEmpty();
    }

    @Test
    void cutsCapsAndLongDisksAreOptions() {
        WanOptions options =
                WanOptions.parse("--cut-at memory --cut-seconds 7 --rate-cap 25000000 --disk-size 1T".split(" "));
        assertThat(options.extras().cut().orElseThrow().label()).isEqualTo("cut-memory-7s");
        assertThat(options.sides()).containsExactly(Side.OURS);
        assertThat(options.extras().rateCapBytes()).hasValue(25_000_000);
        assertThat(options.extras().diskBytes()).hasValue(1L << 40);
        assertThatThrownBy(() -> WanOptions.parse("--link", "direct", "--cut-at", "disk"))
                .hasMessageContaining("direct");
        assertThatThrownBy(() -> WanOptions.parse("--disk-size", "99T")).hasMessageContaining("99T");
    }

    @Test
    void theSoaksOptionsAreUnderstood() {
        SoakOptions options = SoakOptions.parse("--checkout", "/c", "--moves", "5", "--seed", "9", "--rate", "100");
        assertThat(options.moves()).isEqualTo(5);
        assertThat(options.seed()).hasValue(9);
        assertThat(options.link()).isEqualTo(new LinkProperties(20, 100, 0));
        assertThatThrownBy(() -> SoakOptions.parse("--nonsense", "5")).hasMessageContaining("--nonsense");
    }

    /** Carries nothing. */
    private static final class NoLink implements WanLink {
        @Override
        public String kind() {
            return "none";
        }

        @Override
        public void set(LinkProperties properties) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void cut() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void mend() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void mark() {
            throw new UnsupportedOperationException();
        }

        @Override
        public LinkCount count() {
            return new LinkCount(0, 0, 0);
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
