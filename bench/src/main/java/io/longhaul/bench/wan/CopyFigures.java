package io.longhaul.bench.wan;

import java.util.EnumMap;
import java.util.Map;
import java.util.stream.LongStream;

/** What follows from the part of a move in which disks are copied. Stateless. */
final class CopyFigures {
    private static final double BITS_PER_BYTE = 8;

    private static final long SECOND_NANOS = 1_000_000_000;
    private static final long STEP_NANOS = 100_000_000;

    private CopyFigures() {}

    /**
     * @param traffic from host a to host b
     * @param diskBytes that the disk holds, holes not counted
     */
    static Map<Figure, Double> of(Span copying, Traffic traffic, long diskBytes, LinkProperties link) {
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        double seconds = copying.seconds();
        if (seconds <= 0) {
            return figures;
        }
        figures.put(Figure.COPY_MILLIS, copying.millis());
        figures.put(Figure.DISK_BYTES_PER_SECOND, diskBytes / seconds);
        if (link.rateMegabits() > 0) {
            double lineBytes = link.rateMegabits() * 1e6 / BITS_PER_BYTE;
            figures.put(Figure.LINE_RATE_SHARE, traffic.bytesBetween(copying) / seconds / lineBytes);
        }
        return figures;
    }

    /**
     * Of the cap, what crosses the link in an ordinary second: the median, as there are seconds at the start and between
     * disks and memory in which there is nothing to send.
     */
    static Map<Figure, Double> ofCap(Span busy, Traffic traffic, long capBytes) {
        double[] rates = LongStream.iterate(
                        busy.fromNanos(), start -> start + SECOND_NANOS <= busy.toNanos(), start -> start + STEP_NANOS)
                .mapToDouble(start -> traffic.bytesBetween(new Span(start, start + SECOND_NANOS)))
                .sorted()
                .toArray();
        return rates.length == 0 ? Map.of() : Map.of(Figure.RATE_CAP_SHARE, rates[rates.length / 2] / capBytes);
    }
}
