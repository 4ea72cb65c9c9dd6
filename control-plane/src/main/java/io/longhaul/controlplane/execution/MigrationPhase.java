package io.longhaul.controlplane.execution;

import io.longhaul.api.model.MigrationState;
import io.longhaul.api.model.VmOwner;

/** The durable state of a migration. Names are stored and are those of the API's MigrationState. */
public enum MigrationPhase {
    /** Accepted; waits for its turn. */
    QUEUED(VmOwner.SOURCE, Course.WAITING),
    /** The destination makes disks and starts its hypervisor; then the source connects. */
    PREPARING(VmOwner.SOURCE, Course.FORWARD),
    /** Disks are copied while the guest runs at the source. */
    COPYING_DISKS(VmOwner.SOURCE, Course.FORWARD),
    /** Disks are in step and memory waits. Reserved: no row leads here until convergence can park. */
    PARKED(VmOwner.SOURCE, Course.FORWARD),
    /** Memory is copied while the guest runs at the source. */
    COPYING_MEMORY(VmOwner.SOURCE, Course.FORWARD),
    /** The guest is paused; from GRANT on only the destination's word tells who owns it. */
    SWITCHING_OVER(VmOwner.UNDECIDED, Course.FORWARD),
    /** The point of no return is behind: the guest is the destination's. Verification and clean-up go on. */
    COMPLETING(VmOwner.DESTINATION, Course.ENDING),
    /** Moved. */
    COMPLETED(VmOwner.DESTINATION, Course.ENDED),
    /** Asked to end; both sides are being undone, unless the destination turns out to have taken the guest. */
    CANCELLING(VmOwner.SOURCE, Course.ENDING),
    /** Undone because somebody asked. */
    CANCELLED(VmOwner.SOURCE, Course.ENDED),
    /** Something went wrong; both sides are being undone, unless the destination turns out to have taken the guest. */
    FAILING(VmOwner.SOURCE, Course.ENDING),
    /** Undone because something went wrong. */
    FAILED(VmOwner.SOURCE, Course.ENDED),
    /** The hand-over's outcome cannot be learnt. Reserved: no row leads here until fencing can resolve it. */
    UNDECIDED(VmOwner.UNDECIDED, Course.ENDING);

    private enum Course {
        WAITING,
        FORWARD,
        ENDING,
        ENDED
    }

    private final VmOwner owner;
    private final Course course;

    MigrationPhase(VmOwner owner, Course course) {
        this.owner = owner;
        this.course = course;
    }

    public VmOwner owner() {
        return owner;
    }

    /** No way leads out. */
    public boolean terminal() {
        return course == Course.ENDED;
    }

    /** Asked to end, and not ended. */
    public boolean ending() {
        return course == Course.ENDING;
    }

    /** Whether asking for the end can still have an effect. */
    public boolean cancellable() {
        return course == Course.WAITING || course == Course.FORWARD;
    }

    /** Agents have been given work, so it takes a place on its hosts. */
    public boolean running() {
        return course == Course.FORWARD || course == Course.ENDING;
    }

    public MigrationState shown() {
        return MigrationState.valueOf(name());
    }
}
