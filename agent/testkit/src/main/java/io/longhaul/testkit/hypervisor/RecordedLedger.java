package io.longhaul.testkit.hypervisor;

import io.longhaul.engine.ledger.Ledger;
import java.util.ArrayList;
import java.util.List;

/** A ledger in memory that also keeps what was ever recorded. Thread safe. */
public final class RecordedLedger implements Ledger {
    private final List<Artefact> outstanding = new ArrayList<>();
    private final List<Artefact> ever = new ArrayList<>();

    @Override
    public synchronized void record(Artefact artefact) {
        if (!outstanding.contains(artefact)) {
            outstanding.add(artefact);
            ever.add(artefact);
        }
    }

    @Override
    public synchronized void release(Artefact artefact) {
        outstanding.remove(artefact);
    }

    @Override
    public synchronized List<Artefact> outstanding() {
        return List.copyOf(outstanding);
    }

    /** Everything that was recorded, released or not. */
    public synchronized List<Artefact> ever() {
        return List.copyOf(ever);
    }
}
