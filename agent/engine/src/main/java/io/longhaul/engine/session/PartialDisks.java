package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.Hypervisor;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.ledger.Ledger;
import io.longhaul.engine.ledger.LedgerException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides about disks that have come in part: the next try of the same migration can begin with them. Stateless. */
final class PartialDisks {
    private static final Logger log = LoggerFactory.getLogger(PartialDisks.class);

    private PartialDisks() {}

    /** Whoever asked for the end wants nothing left, and what a disk's own failure leaves is of no use. */
    static boolean areWorthKeeping(SideProblem reason) {
        return reason.code() == SideProblem.Code.LINK_LOST || reason.code() == SideProblem.Code.AGENT_RESTARTED;
    }

    /** What cannot be kept stays in the ledger, and is removed with the rest. */
    static void keep(Hypervisor hypervisor, String migrationId, GuestDefinition guest, Ledger ledger) {
        try {
            hypervisor.keepPartialDisks(guest, ledger);
        } catch (HypervisorException | LedgerException e) {
            log.warn("{}: what came of the disks is not kept for the next try: {}", migrationId, e.getMessage());
        }
    }
}
