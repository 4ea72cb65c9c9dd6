package io.longhaul.engine.session;

import io.longhaul.engine.ledger.Ledger;
import io.longhaul.engine.ledger.LedgerUndo;
import io.longhaul.engine.support.Backoff;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes what a side made, as far as it can be removed now; what cannot stays in the ledger for the agent's next start. */
final class LedgerCleanUp {
    private static final Logger log = LoggerFactory.getLogger(LedgerCleanUp.class);

    /** Some four seconds: a file system that is busy recovers, one that is read-only must not hold the side for ever. */
    private static final int ATTEMPTS = 5;

    private LedgerCleanUp() {}

    static void run(String migrationId, Ledger ledger) throws InterruptedException {
        Backoff backoff = new Backoff();
        List<Ledger.Artefact> left = LedgerUndo.undo(ledger);
        for (int attempt = 1; attempt < ATTEMPTS && !left.isEmpty(); attempt++) {
            backoff.pause();
            left = LedgerUndo.undo(ledger);
        }
        if (!left.isEmpty()) {
            log.error("{}: not removed, and left to the agent's next start: {}", migrationId, left);
        }
    }
}
