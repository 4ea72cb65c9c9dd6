package io.longhaul.engine.session;

import io.longhaul.engine.handover.Decision;
import java.util.Set;
import java.util.UUID;

/** This host's side of one migration. Thread safe. */
public interface MigrationSide {

    String migrationId();

    UUID guestId();

    Role role();

    long epoch();

    /** As it is now; never blocks. */
    SideStatus status();

    /**
     * Whether this is a source that has sent GRANT and has no link any more by which the answer could come, while its
     * guest stands still: somebody must ask the destination to decide, and {@link #resolve}. Never blocks.
     */
    default boolean isCutOff() {
        return false;
    }

    /**
     * Names of the disks that read as zeros when a destination was PREPARED: the source that is told so need not wait for
     * the destination's own word, which is one round trip away. Empty at a source. Never blocks.
     */
    default Set<String> blankDisks() {
        return Set.of();
    }

    /**
     * Asks this side to end and undo itself; never blocks. The source obeys at any time before GRANT is sent and the
     * destination at any time before TAKEN is journalled; later it changes nothing. {@link #status()} tells.
     */
    void abort();

    /**
     * Tells a source that has sent GRANT and lost sight of the destination what the destination journalled; never blocks.
     * Changes nothing on a side that is not waiting for it.
     */
    void resolve(Decision decision);

    /**
     * Changes the cap and the downtime limit of a source from now on; never blocks. Changes nothing at a destination and
     * on a side that has nothing left to send; whether disks are verified is settled with the order.
     */
    void changePolicy(TransferPolicy policy);

    /** Which end of the migration. */
    enum Role {
        SOURCE,
        DESTINATION
    }
}
