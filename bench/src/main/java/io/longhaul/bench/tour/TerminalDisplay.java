package io.longhaul.bench.tour;

import io.longhaul.client.model.Migration;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One block on a terminal that is written over in place, also while nothing is heard. Thread safe. */
final class TerminalDisplay implements Display {
    private static final long NANOS_PER_MILLISECOND = 1_000_000L;
    private static final String CLEAR_TO_END_OF_LINE = "\u001b[K";
    private static final String CLEAR_TO_END_OF_SCREEN = "\u001b[J";

    private final PrintStream out;
    private final int columns;
    private final Duration refreshInterval;
    private final LongSupplier nanoClock;
    private final ScheduledExecutorService timer;
    private @Nullable ScheduledFuture<?> refresh;
    private @Nullable Migration last;
    private long startedNanos;
    private int linesShown;

    /**
     * @param columns the terminal's width; a longer line would wrap, and the block could not be written over
     * @param refreshInterval the block is drawn anew so often while nothing is heard
     */
    TerminalDisplay(
            PrintStream out,
            int columns,
            Duration refreshInterval,
            LongSupplier nanoClock,
            ScheduledExecutorService timer) {
        this.out = out;
        this.columns = columns;
        this.refreshInterval = refreshInterval;
        this.nanoClock = nanoClock;
        this.timer = timer;
    }

    @Override
    public synchronized void say(String line) {
        moveToTop();
        out.println(line + CLEAR_TO_END_OF_SCREEN);
        linesShown = 0;
        draw();
    }

    @Override
    public synchronized void show(Migration migration) {
        if (last == null) {
            startedNanos = nanoClock.getAsLong();
            refresh = timer.scheduleAtFixedRate(
                    this::redraw, refreshInterval.toMillis(), refreshInterval.toMillis(), TimeUnit.MILLISECONDS);
        }
        last = migration;
        redraw();
    }

    @Override
    public synchronized void finish() {
        if (refresh != null) {
            refresh.cancel(false);
        }
        last = null;
        linesShown = 0;
    }

    private synchronized void redraw() {
        moveToTop();
        draw();
    }

    private void moveToTop() {
        if (linesShown > 0) {
            out.print("\u001b[" + linesShown + "A\r");
        }
    }

    private void draw() {
        Migration migration = last;
        if (migration != null) {
            List<String> lines =
                    ProgressText.block(migration, (nanoClock.getAsLong() - startedNanos) / NANOS_PER_MILLISECOND);
            for (String line : lines) {
                out.println(line.substring(0, Math.min(line.length(), columns - 1)) + CLEAR_TO_END_OF_LINE);
            }
            out.print(CLEAR_TO_END_OF_SCREEN);
            linesShown = lines.size();
        }
        out.flush();
    }
}
