package io.longhaul.engine.storage;

import java.util.ArrayList;
import java.util.List;

/** Joins neighbouring ranges into spans of a limited length. Owned by one call within {@link DiskCopy}. */
final class SpanCollector {
    private final long limitBytes;
    private final long barrier;
    private final int generation;
    private final List<Span> spans = new ArrayList<>();
    private int first;
    private int count;
    private long start;
    private long end;

    SpanCollector(long limitBytes, long barrier, int generation) {
        this.limitBytes = limitBytes;
        this.barrier = barrier;
        this.generation = generation;
    }

    /** Adds a range that lies within one region, behind all added before. */
    void add(int region, long from, long to) {
        if (count > 0 && end == from && to - start <= limitBytes) {
            count++;
        } else {
            close();
            first = region;
            count = 1;
            start = from;
        }
        end = to;
    }

    List<Span> collected() {
        close();
        return spans;
    }

    private void close() {
        if (count > 0) {
            spans.add(new Span(first, count, start, end - start, barrier, generation));
            count = 0;
        }
    }
}
