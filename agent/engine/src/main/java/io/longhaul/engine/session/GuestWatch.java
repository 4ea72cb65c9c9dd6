package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.GuestDefinition;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The guest's own view of its move, from what it tells the host it is on. The guest's clock stands still while it is
 * paused, so its ticks are timed by their arrival. Thread safe.
 */
public interface GuestWatch extends AutoCloseable {

    /** Starts to note the arrival of ticks closely; from shortly before the switchover on. */
    void watchTicks();

    /** What was noted so far; empty where the guest does not tick. */
    Optional<Ticks> ticks();

    /**
     * Waits for a full check of the guest's memory and disk that began after this call.
     *
     * @return whether it passed; empty where the guest makes no checks or none ended in time
     */
    Optional<Boolean> awaitCheck(Duration deadline) throws InterruptedException;

    @Override
    void close();

    /** Makes watches. */
    interface Factory {
        GuestWatch watch(GuestDefinition guest);
    }

    /**
     * @param firstArrivalMillis wall clock of the first tick noted
     * @param lastArrivalMillis wall clock of the last tick noted
     * @param longestGapMillis between two ticks noted
     */
    record Ticks(OptionalLong firstArrivalMillis, OptionalLong lastArrivalMillis, long longestGapMillis) {}
}
