package io.longhaul.agent.migrations;

import io.longhaul.agent.vms.Machines.Ownership;
import io.longhaul.engine.session.MigrationEngine;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets the epochs of machines that are long gone, which would else pile up for ever. Thread safe. An epoch keeps
 * late commands out; one that was sent months ago, for a machine that is not here and that no migration knows, comes no
 * more, for nobody repeats a command that long.
 */
public final class OldEpochs {
    private static final Logger LOG = LoggerFactory.getLogger(OldEpochs.class);
    static final Duration KEPT = Duration.ofDays(90);

    private final Ownership ownership;
    private final MigrationEngine engine;
    private final Arrivals arrivals;
    private final Clock clock;

    public OldEpochs(Ownership ownership, MigrationEngine engine, Arrivals arrivals, Clock clock) {
        this.ownership = ownership;
        this.engine = engine;
        this.arrivals = arrivals;
        this.clock = clock;
    }

    /** Call at the start, and whenever a machine may have been the last of its kind here. */
    public void prune() {
        for (UUID vmId : ownership.fence().seenBefore(clock.instant().minus(KEPT))) {
            ownership.locks().with(vmId, () -> {
                if (!known(vmId)) {
                    ownership.fence().forget(vmId);
                    LOG.info("Forgot the epoch of the machine {}, which is long gone", vmId);
                }
                return vmId;
            });
        }
    }

    private boolean known(UUID vmId) {
        return ownership.store().find(vmId).isPresent()
                || engine.sides().stream().anyMatch(side -> side.guestId().equals(vmId))
                || arrivals.all().stream().anyMatch(arrival -> arrival.vmId().equals(vmId));
    }
}
