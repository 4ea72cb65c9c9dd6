package io.longhaul.bench.wan;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The figures of one move, or the medians of several. Immutable.
 *
 * @param figures what was not measured is absent
 * @param converged the guest ran at the destination before the deadline
 * @param guestFailures lines in which the guest said that something was lost or damaged
 */
record Measurement(Map<Figure, Double> figures, boolean converged, int guestFailures) {

    Measurement {
        Map<Figure, Double> ordered = new EnumMap<>(Figure.class);
        ordered.putAll(figures);
        figures = Collections.unmodifiableMap(ordered);
    }

    Optional<Double> figure(Figure figure) {
        return Optional.ofNullable(figures.get(figure));
    }

    Measurement with(Map<Figure, Double> more) {
        Map<Figure, Double> all = new EnumMap<>(Figure.class);
        all.putAll(figures);
        all.putAll(more);
        return new Measurement(all, converged, guestFailures);
    }

    /**
     * Figure by figure. What is missing in some of the runs counts as worse than all others there, so that a run that
     * never ended does not make the rest look good; what is missing in half of them is missing.
     */
    static Measurement median(List<Measurement> runs) {
        Map<Figure, Double> medians = new EnumMap<>(Figure.class);
        for (Figure figure : Figure.values()) {
            double[] sorted = runs.stream()
                    .mapToDouble(run -> run.figure(figure).orElse(Double.POSITIVE_INFINITY))
                    .sorted()
                    .toArray();
            double median = median(sorted);
            if (Double.isFinite(median)) {
                medians.put(figure, median);
            }
        }
        long converged = runs.stream().filter(Measurement::converged).count();
        int failures = runs.stream().mapToInt(Measurement::guestFailures).sum();
        return new Measurement(medians, converged * 2 > runs.size(), failures);
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
