package io.longhaul.engine.session;

import io.longhaul.engine.session.Signals.Signal;
import io.longhaul.engine.transport.PeerViolationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the source has said to the destination of a migration. Thread safe: messages come on the link's threads, the
 * side's thread asks for them once their signals are raised.
 */
final class SourceWords {
    private final Signals signals;
    private final int diskCount;
    private final Runnable onPaused;
    private final Consumer<SideProblem> onProblem;

    private volatile ControlMessage.@Nullable Seal seal;
    private volatile ControlMessage.@Nullable Grant grant;

    /**
     * @param onPaused the guest stands still now; must not block
     * @param onProblem told why the source ends the migration, or what it said that no source says; must not block
     */
    SourceWords(Signals signals, int diskCount, Runnable onPaused, Consumer<SideProblem> onProblem) {
        this.signals = signals;
        this.diskCount = diskCount;
        this.onPaused = onPaused;
        this.onProblem = onProblem;
    }

    void onMessage(ControlMessage message) {
        if (message instanceof ControlMessage.Grant granted) {
            grant = granted;
            signals.raise(Signal.GRANT);
        } else if (message instanceof ControlMessage.Seal sealed) {
            seal = sealed;
            signals.raise(Signal.SEAL);
        } else if (message instanceof ControlMessage.Paused) {
            onPaused.run();
        } else if (message instanceof ControlMessage.Abort abort) {
            onProblem.accept(abort.problem());
        } else {
            onProblem.accept(Problems.peerSentWhatCannotBe(new PeerViolationException(
                    message.getClass().getSimpleName() + " from a source", "GRANT, ABORT, PAUSED or SEAL")));
        }
    }

    /** What the disks have to come to, once SEAL was raised. */
    ControlMessage.Seal seal() throws SideEndedException {
        ControlMessage.Seal told = seal;
        if (told == null || told.diskFrames().size() != diskCount) {
            throw new SideEndedException(Problems.peerSentWhatCannotBe(
                    new PeerViolationException("a SEAL for another number of disks: " + told, diskCount + " disks")));
        }
        return told;
    }

    /** Once GRANT was raised: it must count of the disks what SEAL did, for nothing more of them was applied. */
    void requireGrantAsSealed() throws SideEndedException {
        ControlMessage.Grant granted = grant;
        ControlMessage.Seal sealed = seal;
        if (granted == null || sealed == null || !granted.diskFrames().equals(sealed.diskFrames())) {
            throw new SideEndedException(Problems.peerSentWhatCannotBe(new PeerViolationException(
                    "a GRANT for other frames than SEAL: " + granted, String.valueOf(sealed))));
        }
    }

    /** Null until it came. */
    ControlMessage.@Nullable Grant grant() {
        return grant;
    }
}
