package io.longhaul.engine.hypervisor;

import io.longhaul.engine.ledger.Ledger;

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
     * Makes the disks (of the exact size, empty or with what {@link #keepPartialDisks} kept of an earlier try) and starts a hypervisor that waits for this guest's memory. The guest
     * does not run. On an exception everything made stays in the ledger for its owner to undo.
     *
     * @throws HypervisorException START_FAILED, NO_SPACE
     */
    DestinationGuest openDestination(GuestDefinition definition, Ledger ledger, GuestEvents events)
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
     * Keeps the disks in the ledger for the next try to bring this guest here, under another name in the same folder, and
     * releases them from the ledger; ends the hypervisor that had them. They are removed when nobody comes for them. Before
     * the ledger is undone, of an arrival that was refused for a reason that the next try need not meet. Idempotent; needs
     * no hypervisor that runs.
     *
     * @throws HypervisorException where a disk cannot be kept; it is in the ledger still
     */
    void keepPartialDisks(GuestDefinition definition, Ledger ledger) throws HypervisorException;
}
