package io.longhaul.bench.wan;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class ResultTest {
    private static final Result RESULT = new Result(
            Map.of(
                    Side.OURS,
                    List.of(run(4000, 5, 6), run(3000, 5, 6.5), run(9000, 5, 7)),
                    Side.NATIVE,
                    List.of(run(16_000, 5, 200), run(20_000, 5, 400), run(12_000, 5, 150))),
            Map.of("workload", "mixed"));

    @Test
    void mediansAndRatiosAreFigureByFigure() {
        assertThat(RESULT.median(Side.OURS).orElseThrow().figure(Figure.TOTAL_MILLIS))
                .contains(4000.0);
        assertThat(RESULT.ratios())
                .containsEntry("totalMillis", 0.25)
                .containsEntry("oursWriteP99DuringToBefore", 1.3)
                .containsEntry("nativeWriteP99DuringToBefore", 40.0)
                .doesNotContainKey("pagesSent");
    }

    @Test
    void theMedianOfAnEvenNumberIsBetweenTheTwoInTheMiddle() {
        assertThat(Measurement.median(List.of(run(1, 1, 1), run(4, 1, 1))).figure(Figure.TOTAL_MILLIS))
                .contains(2.5);
    }

    @Test
    void aRunThatNeverEndedCountsAsTheSlowest() {
        Measurement never = new Measurement(Map.of(Figure.BYTES_ON_WIRE, 1.0), false, 0);
        Measurement two = Measurement.median(List.of(run(1, 1, 1), never, run(3, 1, 1)));
        assertThat(two.figure(Figure.TOTAL_MILLIS)).contains(3.0);
        assertThat(two.converged()).isTrue();
        Measurement one = Measurement.median(List.of(run(1, 1, 1), never, never));
        assertThat(one.figure(Figure.TOTAL_MILLIS)).isEmpty();
        assertThat(one.converged()).isFalse();
    }

    @Test
    void theJsonHasEveryFigureOfBothSides() {
        JsonObject json = JsonParser.parseString(ResultText.json(RESULT)).getAsJsonObject();
        for (String side : List.of("ours", "native")) {
            assertThat(json.getAsJsonObject(side).keySet())
                    .contains(
                            "totalMillis",
                            "downtimeMillis",
                            "guestDowntimeMillis",
                            "writeP99BeforeMillis",
                            "writeP99DuringMillis",
                            "writeMaxDuringMillis",
                            "writesPerSecondDuring",
                            "bytesOnWire",
                            "pagesSent",
                            "converged");
        }
        assertThat(json.getAsJsonObject("ratios").get("totalMillis").getAsDouble())
                .isEqualTo(0.25);
        assertThat(json.getAsJsonObject("settings").get("workload").getAsString())
                .isEqualTo("mixed");
    }

    @Test
    void aSideThatWasNotMeasuredIsNull() {
        Result half = new Result(Map.of(Side.OURS, List.of(run(1, 1, 1))), Map.of());
        assertThat(JsonParser.parseString(ResultText.json(half))
                        .getAsJsonObject()
                        .get("native")
                        .isJsonNull())
                .isTrue();
        assertThat(half.ratios()).containsOnlyKeys("oursWriteP99DuringToBefore");
        assertThat(ResultText.table(half)).hasSize(Figure.values().length + 3);
    }

    @Test
    void theChartIsWellFormedWhateverIsInIt() throws Exception {
        for (Result result : List.of(RESULT, new Result(Map.of(), Map.of()))) {
            String svg = Chart.svg(result, "a < b & \"c\"");
            assertThat(DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(new InputSource(new StringReader(svg)))
                            .getDocumentElement()
                            .getTagName())
                    .isEqualTo("svg");
        }
    }

    private static Measurement run(double total, double before, double during) {
        return new Measurement(
                Map.of(
                        Figure.TOTAL_MILLIS,
                        total,
                        Figure.WRITE_P99_BEFORE_MILLIS,
                        before,
                        Figure.WRITE_P99_DURING_MILLIS,
                        during),
                true,
                0);
    }
}
