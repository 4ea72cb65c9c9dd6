package io.longhaul.agent.vms;

import io.longhaul.agent.files.JsonFolder;
import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.problems.ProblemException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The highest epoch seen of every machine, also of those that are elsewhere now. Thread safe; durable when a call
 * returns. Invariant: a machine's epoch never falls until
 * the machine is forgotten.
 */
public final class EpochFence {
    private final JsonFolder<Seen> epochs;
    private final Clock clock;

    public EpochFence(Path dataFolder, JsonMapper mapper, Clock clock) {
        this.clock = clock;
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
            epochs.put(vmId.toString(), new Seen(vmId, epoch, clock.instant()));
        }
    }

    /** The machines whose highest epoch came before this moment. */
    public List<UUID> seenBefore(Instant moment) {
        List<UUID> machines = new ArrayList<>();
        for (Seen seen : epochs.all()) {
            UUID vmId = seen.vmId();
            Instant at = seen.at();
            if (vmId != null && at != null && at.isBefore(moment)) {
                machines.add(vmId);
            }
        }
        return machines;
    }

    /** Opens the way for any epoch again; only for a machine that nobody commands any more. Idempotent. */
    public synchronized void forget(UUID vmId) {
        epochs.remove(vmId.toString());
    }

    /**
     * @param vmId and the moment are absent in files of agents that did not note them: such an epoch stays
     * @param at when the epoch was first seen
     */
    record Seen(@Nullable UUID vmId, long epoch, @Nullable Instant at) {}
}
