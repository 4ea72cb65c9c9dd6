package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.Hypervisor;
import io.longhaul.engine.support.Ticker;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What every side of this host works with. Immutable.
 *
 * @param observer told of each change of any side, on the side's own thread
 */
record SideContext(
        Hypervisor hypervisor,
        Links links,
        GuestWatch.Factory watches,
        Ticker ticker,
        ThreadFactory threads,
        EngineSettings settings,
        Consumer<MigrationSide> observer) {

    /** The host's wall clock in epoch milliseconds. */
    long nowMillis() {
        return TimeUnit.MICROSECONDS.toMillis(ticker.wallMicros());
    }
}
