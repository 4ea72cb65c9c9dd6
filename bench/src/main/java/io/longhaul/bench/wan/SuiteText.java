package io.longhaul.bench.wan;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The suite's result as JSON, as a table in Markdown, and as a chart. Stateless. */
final class SuiteText {
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().serializeNulls().create();

    private static final int ROW_HEIGHT = 22;
    private static final int TOP = 56;
    private static final int LABEL_WIDTH = 430;
    private static final int SCALE = 200;
    /** What is further off is drawn no longer. */
    private static final double LONGEST_SHARE = 2;

    private static final double MEBIBYTE = 1 << 20;

    private SuiteText() {}

    static String json(List<SuiteBar> bars, Map<String, Result> results) {
        JsonObject all = new JsonObject();
        JsonArray lines = new JsonArray();
        for (SuiteBar bar : bars) {
            JsonObject line = new JsonObject();
            line.addProperty("bar", bar.what());
            line.addProperty(bar.atMost() ? "atMost" : "atLeast", bar.limit());
            line.addProperty("seen", bar.seen().orElse(null));
            line.addProperty("met", bar.met());
            lines.add(line);
        }
        all.add("bars", lines);
        JsonObject cases = new JsonObject();
        results.forEach((name, result) -> cases.add(name, JsonParser.parseString(ResultText.json(result))));
        all.add("cases", cases);
        return GSON.toJson(all);
    }

    static String markdown(List<SuiteBar> bars, Map<String, Result> results) {
        List<String> lines = new ArrayList<>();
        lines.add("# The suite");
        lines.add("");
        lines.add("Made by `./bench/wan --suite`; what is measured, and how, is in [README.md](README.md). "
                + surroundings(results));
        lines.add("");
        lines.add("| | bar | seen | met |");
        lines.add("|---|---|---|---|");
        for (SuiteBar bar : bars) {
            lines.add("| " + bar.what() + " | " + (bar.atMost() ? "≤ " : "≥ ") + number(bar, bar.limit()) + " | "
                    + bar.seen().map(value -> number(bar, value)).orElse("not measured") + " | "
                    + (bar.met() ? "yes" : "**no**") + " |");
        }
        long met = bars.stream().filter(SuiteBar::met).count();
        lines.add("");
        lines.add(met + " of " + bars.size() + " met.");
        lines.add("");
        lines.add("![seen against the bar](suite.svg)");
        return String.join("\n", lines) + "\n";
    }

    private static String surroundings(Map<String, Result> results) {
        Optional<Map<String, Object>> settings =
                results.values().stream().map(Result::settings).reduce((first, last) -> last);
        return settings.map(of -> of.get("endedAt") + ", commit " + of.get("commit") + ", " + of.get("qemu") + ", "
                        + of.get("cores") + " cores, kernel " + of.get("kernel") + ", medians of " + of.get("runs")
                        + ", load average at the end " + of.get("loadAverageAtEnd") + ".")
                .orElse("");
    }

    private static String number(SuiteBar bar, double value) {
        if (bar.what().contains("bytes") && bar.limit() > MEBIBYTE) {
            return String.format(Locale.ROOT, "%.1f MiB", value / MEBIBYTE);
        }
        return String.format(Locale.ROOT, Math.abs(value) < 10 ? "%.2f" : "%.0f", value);
    }

    /** Each bar as a share of its limit: what ends left of the line is met. */
    static String svg(List<SuiteBar> bars) {
        StringBuilder svg = new StringBuilder();
        int height = TOP + bars.size() * ROW_HEIGHT + 12;
        int width = LABEL_WIDTH + (int) (SCALE * LONGEST_SHARE) + 90;
        add(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">",
                width,
                height);
        add(svg, "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", width, height);
        add(
                svg,
                "<text x=\"12\" y=\"24\" font-size=\"15\" fill=\"#222222\">Seen against the bar: left of the line"
                        + " is met</text>");
        for (int i = 0; i < bars.size(); i++) {
            row(svg, bars.get(i), TOP + i * ROW_HEIGHT);
        }
        int line = LABEL_WIDTH + SCALE;
        add(
                svg,
                "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#222222\" stroke-dasharray=\"4 3\"/>",
                line,
                TOP - 8,
                line,
                height - 8);
        return svg.append("</svg>\n").toString();
    }

    private static void row(StringBuilder svg, SuiteBar bar, int top) {
        add(svg, "<text x=\"12\" y=\"%d\" fill=\"#222222\">%s</text>", top + 13, escaped(bar.what()));
        double share = Math.min(LONGEST_SHARE, bar.shareOfLimit().orElse(0.0));
        int length = Math.max(1, (int) Math.round(share * SCALE));
        String colour = bar.met() ? "#2a7f62" : "#c8553d";
        add(
                svg,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"14\" fill=\"%s\"/>",
                LABEL_WIDTH,
                top + 2,
                length,
                colour);
        String text = bar.seen().map(value -> number(bar, value)).orElse("not measured");
        add(
                svg,
                "<text x=\"%d\" y=\"%d\" fill=\"#222222\">%s</text>",
                LABEL_WIDTH + length + 6,
                top + 13,
                escaped(text));
    }

    private static void add(StringBuilder svg, String template, Object... values) {
        svg.append(values.length == 0 ? template : String.format(Locale.ROOT, template, values))
                .append('\n');
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
