package io.longhaul.bench.wan;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A result as an SVG picture: for each of some figures one bar a side, the longer one as wide as the chart. Stateless. */
final class Chart {
    private static final List<Figure> SHOWN = List.of(
            Figure.TOTAL_MILLIS,
            Figure.GUEST_DOWNTIME_MILLIS,
            Figure.WRITE_P99_DURING_MILLIS,
            Figure.WRITE_MAX_DURING_MILLIS,
            Figure.BYTES_ON_WIRE);

    private static final int WIDTH = 720;
    private static final int LABEL_WIDTH = 190;
    private static final int BAR_WIDTH = 400;
    private static final int BAR_HEIGHT = 16;
    private static final int GROUP_HEIGHT = 48;
    private static final int TOP = 64;

    private final StringBuilder svg = new StringBuilder();

    private Chart() {}

    static String svg(Result result, String title) {
        Chart chart = new Chart();
        chart.begin(title);
        for (int i = 0; i < SHOWN.size(); i++) {
            chart.group(result, SHOWN.get(i), TOP + i * GROUP_HEIGHT);
        }
        return chart.svg.append("</svg>\n").toString();
    }

    private void begin(String title) {
        int height = TOP + SHOWN.size() * GROUP_HEIGHT + 8;
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                        + " font-size=\"13\">",
                WIDTH, height);
        add("<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", WIDTH, height);
        add("<text x=\"12\" y=\"24\" font-size=\"15\" fill=\"#222222\">%s</text>", escaped(title));
        add("<rect x=\"12\" y=\"36\" width=\"12\" height=\"12\" fill=\"%s\"/>", colour(Side.OURS));
        add("<text x=\"30\" y=\"47\" fill=\"#222222\">Longhaul</text>");
        add("<rect x=\"112\" y=\"36\" width=\"12\" height=\"12\" fill=\"%s\"/>", colour(Side.NATIVE));
        add("<text x=\"130\" y=\"47\" fill=\"#222222\">QEMU's own; medians, shorter is better</text>");
    }

    private void group(Result result, Figure figure, int top) {
        add("<text x=\"12\" y=\"%d\" fill=\"#222222\">%s</text>", top + 22, escaped(figure.jsonName()));
        double longest = 0;
        for (Side side : Side.values()) {
            longest = Math.max(longest, figure(result, side, figure).orElse(0.0));
        }
        for (Side side : Side.values()) {
            int y = top + side.ordinal() * (BAR_HEIGHT + 2);
            Optional<Double> value = figure(result, side, figure);
            double width = longest > 0 ? value.orElse(0.0) / longest * BAR_WIDTH : 0;
            add(
                    "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
                    LABEL_WIDTH, y, width, BAR_HEIGHT, colour(side));
            String text = ResultText.amount(value) + (value.isPresent() ? " " + figure.unit() : "");
            add("<text x=\"%.1f\" y=\"%d\" fill=\"#444444\">%s</text>", LABEL_WIDTH + width + 6, y + 13, escaped(text));
        }
    }

    private static Optional<Double> figure(Result result, Side side, Figure figure) {
        return result.median(side).flatMap(median -> median.figure(figure));
    }

    private static String colour(Side side) {
        return side == Side.OURS ? "#1b6ca8" : "#c8843c";
    }

    private void add(String template, Object... values) {
        svg.append(String.format(Locale.ROOT, template, values)).append('\n');
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
