package io.longhaul.engine.hypervisor;

import io.longhaul.engine.ledger.Ledger;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The hypervisor of this host. Thread safe. Every method may block for seconds; none is called on a transfer thread.
 */
public interface Hypervisor {

    /**
     * Takes hold of a running guest as the source of a migration. Changes nothing in the guest.
     *
     * @param definition what was started
     * @param ledger takes every socket and export this source makes, before it is made
     * @param events called on the hypervisor's event thread; must not block
     * @throws HypervisorException GUEST_GONE where it does not run
     */
    SourceGuest openSource(GuestDefinition definition, Ledger ledger, GuestEvents events) throws HypervisorException;

    /**
     * Makes the disks, of the exact size, and starts a hypervisor that waits for this guest's memory. The guest does not run.
     * A disk begins with what {@link #keepPartialDisks} kept of an earlier try, else with the first of its seeds that can be
     * used, else empty; {@link DestinationGuest#beginnings} tells with what. A seed that cannot be used is no failure.
     *
     * <p>On an exception everything made stays in the ledger for its owner to undo, and what was taken over has its name back.
     *
     * @throws HypervisorException START_FAILED, NO_SPACE
     */
    DestinationGuest openDestination(GuestDefinition definition, DiskSeeds seeds, Ledger ledger, GuestEvents events)
            throws HypervisorException;

    /**
     * Takes hold again of a destination that an earlier run of the agent opened, after TAKEN was journalled. Of its methods
     * only {@code run}, {@code thaw} and {@code close} are then of use.
     *
     * @throws HypervisorException GUEST_GONE where its process has ended
     */
    DestinationGuest reopenDestination(GuestDefinition definition, Ledger ledger, GuestEvents events)
            throws HypervisorException;

    /**
     * Releases from the ledger what belongs to a machine that was taken: its process, its images, its control sockets. As soon
     * as TAKEN is in the journal, and before anything that is in the ledger is removed. Idempotent; needs no hypervisor that
     * runs.
     */
    void settle(GuestDefinition definition, Ledger ledger) throws HypervisorException;

    /**
     * Keeps disks in the ledger for the next try to bring this guest here, under another name in the same folder, and
     * releases them from the ledger; ends the hypervisor that had them. They are removed when nobody comes for them. Before
     * the ledger is undone, of an arrival that was refused for a reason that the next try need not meet, and of disks that
     * were taken over. One that cannot be kept stays in the ledger, and holds up no other. Idempotent; needs no hypervisor
     * that runs.
     *
     * @param disks names of those to keep
     * @return one sentence for each that was kept now
     * @throws HypervisorException where the hypervisor that had them cannot be ended; all are in the ledger still
     */
    List<String> keepPartialDisks(GuestDefinition definition, Set<String> disks, Ledger ledger)
            throws HypervisorException;

    /**
     * Gives files that were taken over the names back that they had, and releases them from the ledger; ends the hypervisor
     * that had them. Only while nothing was written to them, and before the ledger is undone. One whose former name is taken,
     * or that cannot be renamed, stays in the ledger, and holds up no other. Idempotent; needs no hypervisor that runs.
     *
     * @param formerFiles as in {@link DiskBeginnings#takenOver}
     * @throws HypervisorException where the hypervisor that had them cannot be ended; all are in the ledger still
     */
    void giveBackDisks(GuestDefinition definition, Map<String, Path> formerFiles, Ledger ledger)
            throws HypervisorException;
}
