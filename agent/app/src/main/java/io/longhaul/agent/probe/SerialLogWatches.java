package io.longhaul.agent.probe;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.session.GuestWatch;
import java.util.UUID;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/** Makes watches for the guests that write Longhaul's lines. Thread safe. */
public final class SerialLogWatches implements GuestWatch.Factory {
    private final Predicate<UUID> writesLines;
    private final LongSupplier wallMillis;
    private final LongSupplier nanos;
    private final ThreadFactory threads;

    /**
     * @param writesLines whether a machine here, or arriving here, has the serial guest probe
     * @param wallMillis wall clock in epoch milliseconds
     * @param nanos a clock that never jumps
     */
    public SerialLogWatches(
            Predicate<UUID> writesLines, LongSupplier wallMillis, LongSupplier nanos, ThreadFactory threads) {
        this.writesLines = writesLines;
        this.wallMillis = wallMillis;
        this.nanos = nanos;
        this.threads = threads;
    }

    @Override
    public GuestWatch watch(GuestDefinition guest) {
        if (guest.serialLog().isEmpty() || !writesLines.test(guest.id())) {
            return new NoWatch();
        }
        return new SerialLogWatch(guest.serialLog().get(), wallMillis, nanos, threads);
    }
}
