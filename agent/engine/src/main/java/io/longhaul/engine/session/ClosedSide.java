package io.longhaul.engine.session;

import io.longhaul.engine.handover.Decision;
import java.util.UUID;

/**
 * A side with nothing left to do: it ended before the agent was started, or its id was closed before any order came.
 * Immutable.
 */
record ClosedSide(String migrationId, UUID guestId, Role role, long epoch, SideStatus status) implements MigrationSide {

    @Override
    public void abort() {}

    @Override
    public void resolve(Decision decision) {}

    @Override
    public void changePolicy(TransferPolicy policy) {}
}
