package io.longhaul.bench.wan;

import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalLong;

/** What follows from the part of a move in which disks are copied. Stateless. */
final class CopyFigures {
    private static final double BITS_PER_BYTE = 8;

    private CopyFigures() {}

    /**
     * @param wireBytes from host a to host b in that part
     * @param diskBytes that the disk holds, holes not counted
     */
    static Map<Figure, Double> of(
            Span copying, long wireBytes, long diskBytes, LinkProperties link, OptionalLong rateCapBytes) {
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        double seconds = copying.seconds();
        if (seconds <= 0) {
            return figures;
        }
        figures.put(Figure.COPY_MILLIS, copying.millis());
        figures.put(Figure.DISK_BYTES_PER_SECOND, diskBytes / seconds);
        if (link.rateMegabits() > 0) {
            double lineBytes = link.rateMegabits() * 1e6 / BITS_PER_BYTE;
            figures.put(Figure.LINE_RATE_SHARE, wireBytes / seconds / lineBytes);
        }
        rateCapBytes.ifPresent(cap -> figures.put(Figure.RATE_CAP_SHARE, wireBytes / seconds / cap));
        return figures;
    }
}
