package io.longhaul.agent.vms;

import io.longhaul.agent.files.JsonFolder;
import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.problems.ProblemException;
import java.nio.file.Path;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;

/**
 * The highest epoch seen of every machine, also of those that are elsewhere now. Thread safe; durable when a call
 * returns. Invariant: a machine's epoch never falls.
 */
public final class EpochFence {
    private final JsonFolder<Seen> epochs;

    public EpochFence(Path dataFolder, JsonMapper mapper) {
        epochs = new JsonFolder<>(dataFolder.resolve("epochs"), Seen.class, mapper);
    }

    /** The machine's highest epoch; 0 where it was never seen. */
    public long highest(UUID vmId) {
        return epochs.get(vmId.toString()).map(Seen::epoch).orElse(0L);
    }

    /**
     * Lets a command of this epoch through and closes the way for older ones.
     *
     * @throws ProblemException STALE_EPOCH
     */
    public synchronized void admit(UUID vmId, long epoch) {
        long highest = highest(vmId);
        if (epoch < highest) {
            throw new ProblemException(
                    ProblemCode.STALE_EPOCH,
                    "The command for the machine " + vmId + " was overtaken by a newer one",
                    "epoch " + epoch,
                    "epoch " + highest + " or newer");
        }
        if (epoch > highest) {
            epochs.put(vmId.toString(), new Seen(epoch));
        }
    }

    record Seen(long epoch) {}
}
