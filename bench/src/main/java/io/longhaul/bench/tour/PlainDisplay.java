package io.longhaul.bench.tour;

import io.longhaul.client.model.Migration;
import io.longhaul.client.model.MigrationState;
import java.io.PrintStream;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Lines for a log: one at each change of state, and at most one a second in between. Thread safe. */
final class PlainDisplay implements Display {
    private static final long LINE_INTERVAL_NANOS = 1_000_000_000L;
    private static final long NANOS_PER_MILLISECOND = 1_000_000L;

    private final PrintStream out;
    private final LongSupplier nanoClock;
    private @Nullable MigrationState shownState;
    private long startedNanos;
    private long shownNanos;

    PlainDisplay(PrintStream out, LongSupplier nanoClock) {
        this.out = out;
        this.nanoClock = nanoClock;
    }

    @Override
    public synchronized void say(String line) {
        out.println(line);
        out.flush();
    }

    @Override
    public synchronized void show(Migration migration) {
        long nowNanos = nanoClock.getAsLong();
        if (shownState == null) {
            startedNanos = nowNanos;
        } else if (shownState == migration.getState() && nowNanos - shownNanos < LINE_INTERVAL_NANOS) {
            return;
        }
        shownState = migration.getState();
        shownNanos = nowNanos;
        say(ProgressText.line(migration, (nowNanos - startedNanos) / NANOS_PER_MILLISECOND));
    }

    @Override
    public void finish() {
        // Every line stays as it is.
    }
}
