package io.longhaul.bench.wan;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All runs of one benchmark. Immutable.
 *
 * @param settings what was measured, on what, in the order to show it
 */
record Result(Map<Side, List<Measurement>> runs, Map<String, Object> settings) {

    Result {
        runs = Map.copyOf(runs);
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }

    List<Measurement> runs(Side side) {
        return runs.getOrDefault(side, List.of());
    }

    Optional<Measurement> median(Side side) {
        return runs(side).isEmpty() ? Optional.empty() : Optional.of(Measurement.median(runs(side)));
    }

    int guestFailures() {
        return runs.values().stream()
                .flatMap(List::stream)
                .mapToInt(Measurement::guestFailures)
                .sum();
    }

    /** Ours against native for each figure that both have; and for each side, writes during the move against before. */
    Map<String, Double> ratios() {
        Map<String, Double> ratios = new LinkedHashMap<>();
        for (Figure figure : Figure.values()) {
            put(ratios, figure.jsonName(), figure(Side.OURS, figure), figure(Side.NATIVE, figure));
        }
        for (Side side : Side.values()) {
            put(
                    ratios,
                    side.label() + "WriteP99DuringToBefore",
                    figure(side, Figure.WRITE_P99_DURING_MILLIS),
                    figure(side, Figure.WRITE_P99_BEFORE_MILLIS));
        }
        return ratios;
    }

    private Optional<Double> figure(Side side, Figure figure) {
        return median(side).flatMap(median -> median.figure(figure));
    }

    private static void put(
            Map<String, Double> ratios, String name, Optional<Double> numerator, Optional<Double> denominator) {
        if (numerator.isPresent() && denominator.isPresent() && denominator.get() > 0) {
            ratios.put(name, numerator.get() / denominator.get());
        }
    }
}
