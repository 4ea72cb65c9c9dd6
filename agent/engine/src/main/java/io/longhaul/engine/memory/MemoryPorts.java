package io.longhaul.engine.memory;

import io.longhaul.engine.support.Ticker;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * What the sender asks of the rest of the migration, on its own thread; none of it may block.
 *
 * @param budgetBytes what the switchover can carry of held-back pages and unconfirmed references, now
 * @param deferring whether more than that may be held back while the rounds are longer than what is held; {@link HoldLimit}
 * @param lastRound whether the guest is paused or about to be: pages are then neither held back nor referred to. The
 *     stream tells the pause as well; this may tell it earlier
 * @param knownContent what the far side has on its disks; absent, no references are made
 */
public record MemoryPorts(
        LongSupplier budgetBytes,
        BooleanSupplier deferring,
        BooleanSupplier lastRound,
        Optional<KnownContent> knownContent,
        Ticker ticker) {

    /** Neither holds back nor refers. */
    public static MemoryPorts plain(Ticker ticker) {
        return new MemoryPorts(() -> 0, () -> false, () -> false, Optional.empty(), ticker);
    }

    public MemoryPorts withBudget(LongSupplier bytes) {
        return new MemoryPorts(bytes, deferring, lastRound, knownContent, ticker);
    }

    public MemoryPorts withDeferral(BooleanSupplier wanted) {
        return new MemoryPorts(budgetBytes, wanted, lastRound, knownContent, ticker);
    }

    public MemoryPorts withLastRound(BooleanSupplier reached) {
        return new MemoryPorts(budgetBytes, deferring, reached, knownContent, ticker);
    }

    public MemoryPorts withKnownContent(KnownContent known) {
        return new MemoryPorts(budgetBytes, deferring, lastRound, Optional.of(known), ticker);
    }
}
