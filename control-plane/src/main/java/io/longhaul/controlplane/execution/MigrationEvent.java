package io.longhaul.controlplane.execution;

/** What can happen to a migration. */
enum MigrationEvent {
    /** Its turn has come and the plan still holds. */
    START,
    /** Its turn has come and the plan no longer holds. */
    START_REFUSED,
    /** The destination can receive. */
    DESTINATION_PREPARED,
    /** The source copies disks. */
    DISKS_COPYING,
    /** The source copies memory. */
    MEMORY_COPYING,
    /** The source has paused the guest. */
    SWITCHOVER_BEGUN,
    /** The destination journalled TAKEN. */
    DESTINATION_TOOK,
    /** The source waits for a decision that is known here. */
    SOURCE_UNINFORMED,
    /** Both sides have nothing left to do. */
    BOTH_COMPLETED,
    /** Both agents have tidied up, or took too long. */
    CLEANED_UP,
    /** A side gave up by itself, or refused its command. */
    SIDE_FAILED,
    /** The source has granted the machine and lost the link by which the destination would answer. */
    SOURCE_CUT_OFF,
    /** Somebody asked for the end. */
    CANCEL,
    /** Both sides have undone their part. */
    BOTH_ABORTED
}
