package io.longhaul.engine.handover;

/** Who may run the machine, as one host has journalled it. */
public enum HandoverState {
    /** Source: the guest is here. Destination: nothing is decided. */
    OPEN,
    /** Source: GRANT was sent, or may have been; only the destination knows who owns the machine. */
    GRANTED,
    /** The machine is the destination's. */
    TAKEN,
    /** The machine stays the source's. */
    REFUSED
}
