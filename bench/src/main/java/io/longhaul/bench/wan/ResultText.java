package io.longhaul.bench.wan;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A result as a table and as JSON. Stateless. */
final class ResultText {
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().serializeNulls().create();
    private static final double THOUSAND = 1000;

    private ResultText() {}

    static List<String> table(Result result) {
        List<String> lines = new ArrayList<>();
        lines.add(row("", "ours", "native", "ratio"));
        Map<String, Double> ratios = result.ratios();
        for (Figure figure : Figure.values()) {
            lines.add(row(
                    figure.jsonName() + ", " + figure.unit(),
                    amount(result.median(Side.OURS).flatMap(median -> median.figure(figure))),
                    amount(result.median(Side.NATIVE).flatMap(median -> median.figure(figure))),
                    ratio(ratios.get(figure.jsonName()))));
        }
        lines.add(row(
                "writeP99 during / before",
                ratio(ratios.get("oursWriteP99DuringToBefore")),
                ratio(ratios.get("nativeWriteP99DuringToBefore")),
                ""));
        lines.add(row("converged", converged(result, Side.OURS), converged(result, Side.NATIVE), ""));
        return lines;
    }

    private static String converged(Result result, Side side) {
        List<Measurement> runs = result.runs(side);
        long converged = runs.stream().filter(Measurement::converged).count();
        return runs.isEmpty() ? "-" : converged + " of " + runs.size();
    }

    private static String row(String name, String ours, String theirs, String ratio) {
        return String.format(Locale.ROOT, "%-30s %14s %14s %8s", name, ours, theirs, ratio)
                .stripTrailing();
    }

    static String amount(Optional<Double> value) {
        if (value.isEmpty()) {
            return "-";
        }
        double amount = Math.abs(value.get());
        String format = amount < 2 ? "%.3f" : amount < THOUSAND ? "%.1f" : "%,.0f";
        return String.format(Locale.ROOT, format, value.get());
    }

    private static String ratio(@Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, "%.2f", value);
    }

    static String json(Result result) {
        Map<String, Object> all = new LinkedHashMap<>();
        Map<String, Object> runs = new LinkedHashMap<>();
        for (Side side : Side.values()) {
            all.put(side.label(), result.median(side).map(ResultText::figures).orElse(null));
            runs.put(
                    side.label(),
                    result.runs(side).stream().map(ResultText::figures).toList());
        }
        Map<String, Double> ratios = new LinkedHashMap<>();
        result.ratios().forEach((name, ratio) -> ratios.put(name, rounded(ratio)));
        all.put("ratios", ratios);
        all.put("settings", result.settings());
        all.put("runs", runs);
        return GSON.toJson(all);
    }

    /** Every figure has its key; one that was not measured is null. */
    private static Map<String, Object> figures(Measurement measurement) {
        Map<String, Object> figures = new LinkedHashMap<>();
        for (Figure figure : Figure.values()) {
            figures.put(
                    figure.jsonName(),
                    measurement.figure(figure).map(ResultText::rounded).orElse(null));
        }
        figures.put("converged", measurement.converged());
        figures.put("guestFailures", measurement.guestFailures());
        return figures;
    }

    private static double rounded(double value) {
        return Math.round(value * THOUSAND) / THOUSAND;
    }
}
