package io.longhaul.engine.session;

/** How far one side of a migration is. The destination's and the source's ways are drawn in docs/transfer.md. */
public enum SidePhase {
    /** Source: taking hold of the guest and connecting. Destination: making disks and starting the hypervisor. */
    PREPARING(false),
    /** Destination: ready for the source to connect. */
    PREPARED(false),
    /** Destination: the source is connected. */
    RECEIVING(false),
    /** Source: disks are being copied while the guest runs. */
    COPYING_DISKS(false),
    /** Source: memory is being copied while the guest runs; its disk writes keep following. */
    COPYING_MEMORY(false),
    /** Source: the guest is paused and GRANT is not yet sent: the source may still go back. */
    SWITCHING_OVER(false),
    /** Source: GRANT was sent. Only the destination's word, TAKEN or REFUSED, tells who owns the machine. */
    GRANTED(false),
    /** Source: TAKEN is known; the machine is the destination's. Verification and clean-up go on. */
    RELEASED(false),
    /** Destination: TAKEN is journalled and the guest runs here. Verification and clean-up go on. */
    TAKEN(false),
    /** Done, nothing left to do. */
    COMPLETED(true),
    /** Being undone. */
    ABORTING(false),
    /** Destination: REFUSED is journalled: this host will never run the guest in this epoch. Being undone. */
    REFUSED(false),
    /** Undone. At the source the guest runs on; at the destination nothing is left but disks kept for another try. */
    ABORTED(true);

    private final boolean terminal;

    SidePhase(boolean terminal) {
        this.terminal = terminal;
    }

    public boolean terminal() {
        return terminal;
    }
}
