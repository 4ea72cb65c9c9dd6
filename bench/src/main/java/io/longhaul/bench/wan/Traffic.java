package io.longhaul.bench.wan;

import java.util.ArrayList;
import java.util.List;

/** How many bytes had gone from host a to host b at each moment of a move. Thread safe; a thread of its own looks. */
final class Traffic implements AutoCloseable {
    private static final long LOOK_MILLIS = 20;

    private final WanLink link;
    private final Thread thread;
    private final List<Sample> samples = new ArrayList<>();
    private volatile boolean closed;

    record Sample(long nanos, long bytes) {}

    private Traffic(WanLink link) {
        this.link = link;
        this.thread = new Thread(this::look, "traffic");
        thread.setDaemon(true);
    }

    /** From the link's mark on. */
    static Traffic watch(WanLink link) {
        Traffic traffic = new Traffic(link);
        traffic.thread.start();
        return traffic;
    }

    /** What was seen once, by anyone. */
    static Traffic of(WanLink link, List<Sample> samples) {
        Traffic traffic = new Traffic(link);
        traffic.samples.addAll(samples);
        return traffic;
    }

    private void look() {
        try {
            while (!closed) {
                take();
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (WanException e) {
            // The link is gone, and with it the move: whoever moves says so.
            closed = true;
        }
    }

    private void take() {
        long bytes = link.count().forwardBytes();
        synchronized (samples) {
            samples.add(new Sample(System.nanoTime(), bytes));
        }
    }

    long bytesNow() {
        return link.count().forwardBytes();
    }

    /** Between two moments, to a look's precision. */
    long bytesBetween(Span span) {
        return bytesAt(span.toNanos()) - bytesAt(span.fromNanos());
    }

    private long bytesAt(long nanos) {
        synchronized (samples) {
            long bytes = 0;
            for (Sample sample : samples) {
                if (sample.nanos() > nanos) {
                    return bytes;
                }
                bytes = sample.bytes();
            }
            return bytes;
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
