package io.longhaul.engine.handover;

import static io.longhaul.engine.handover.HandoverState.GRANTED;
import static io.longhaul.engine.handover.HandoverState.OPEN;
import static io.longhaul.engine.handover.HandoverState.REFUSED;
import static io.longhaul.engine.handover.HandoverState.TAKEN;

import java.io.IOException;
import java.util.Map;
import java.util.Set;

/**
 * One host's decisions about who owns the machine in one epoch. Thread safe. Each decision is journalled before it counts;
 * the same decision again changes nothing; one that contradicts the journal is refused.
 *
 * <pre>
 *   source:       OPEN ──► GRANTED ──► TAKEN          destination:  OPEN ──► TAKEN
 *                   │         └──────► REFUSED                        └────► REFUSED
 *                   └────────────────► REFUSED
 * </pre>
 *
 * Invariant: at most one host of a migration may run the guest. The source may in OPEN and REFUSED; the destination in
 * TAKEN. The destination's TAKEN needs the source's GRANT, so the source is in GRANTED by then, and the destination's
 * TAKEN and REFUSED exclude each other.
 */
public final class Handover {
    private static final Map<HandoverState, Set<HandoverState>> SOURCE_MOVES =
            Map.of(OPEN, Set.of(GRANTED, REFUSED), GRANTED, Set.of(TAKEN, REFUSED), TAKEN, Set.of(), REFUSED, Set.of());
    private static final Map<HandoverState, Set<HandoverState>> DESTINATION_MOVES =
            Map.of(OPEN, Set.of(TAKEN, REFUSED), GRANTED, Set.of(), TAKEN, Set.of(), REFUSED, Set.of());

    private final Map<HandoverState, Set<HandoverState>> moves;
    private final boolean source;
    private final Journal journal;
    private HandoverState state;

    private Handover(boolean source, HandoverState state, Journal journal) {
        this.source = source;
        this.moves = source ? SOURCE_MOVES : DESTINATION_MOVES;
        this.state = state;
        this.journal = journal;
    }

    /** @param state as the journal has it; OPEN for a new migration */
    public static Handover ofSource(HandoverState state, Journal journal) {
        return new Handover(true, state, journal);
    }

    /** @param state as the journal has it; OPEN for a new migration */
    public static Handover ofDestination(HandoverState state, Journal journal) {
        return new Handover(false, state, journal);
    }

    public synchronized HandoverState state() {
        return state;
    }

    public synchronized boolean mayRunHere() {
        return source ? state == OPEN || state == REFUSED : state == TAKEN;
    }

    /**
     * Journals and then takes a decision.
     *
     * @return false where the journal already says otherwise; nothing has changed then
     * @throws IOException where it could not be journalled; the caller must act as if it was not decided
     */
    public synchronized boolean decide(HandoverState next) throws IOException {
        if (next == state) {
            return true;
        }
        if (!moves.getOrDefault(state, Set.of()).contains(next)) {
            return false;
        }
        journal.write(next);
        state = next;
        return true;
    }

    /** Where decisions are kept. A returned write has reached the disk. */
    public interface Journal {
        void write(HandoverState state) throws IOException;
    }
}
