package io.longhaul.engine.storage;

/** How one region stands at the source. */
enum RegionState {
    /** The mover will read it. Writes of the guest need not be remembered. */
    NOT_COPIED,
    /** The mover is about to read it, or has, and has not handed it to the stream. */
    COPYING,
    /** Handed to the stream, or known to be equal there. */
    COPIED
}
