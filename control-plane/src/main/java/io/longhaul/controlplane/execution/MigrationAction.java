package io.longhaul.controlplane.execution;

/** What a transition does beside changing the phase, in the same transaction. */
enum MigrationAction {
    /** Nothing. */
    NOTHING,
    /** Take the next epoch and a token, and command the destination to prepare. */
    PREPARE_DESTINATION,
    /** Command the source to move the guest to where the destination listens. */
    START_SOURCE,
    /** Take back what was not sent yet, and command both sides to end. */
    ABORT_BOTH,
    /** Make the destination the machine's host. */
    HAND_OVER,
    /** Tell the source what the destination decided. */
    INFORM_SOURCE,
    /** Write the receipt, and command both sides to forget; the source deletes its disks if they are proven copied. */
    CLEAN_UP,
    /** Free the machine. */
    CLOSE,
    /** Free the machine, and command both sides to forget. */
    CLOSE_AND_FORGET
}
