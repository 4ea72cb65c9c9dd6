package io.longhaul.engine.handover;

/** The destination's word in one epoch. The two exclude each other for ever. */
public enum Decision {
    /** The machine is the destination's. */
    TAKEN,
    /** The destination will never run the machine in this epoch. */
    REFUSED
}
