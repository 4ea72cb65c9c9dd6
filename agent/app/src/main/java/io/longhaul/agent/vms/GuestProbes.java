package io.longhaul.agent.vms;

import io.longhaul.api.model.GuestProbe;

/** The guests' own view of themselves. Any thread; reads a bounded piece of a file at most. */
public interface GuestProbes {

    GuestProbe probe(VmRecord machine);

    /** The machine is no longer here. Idempotent. */
    void forget(VmRecord machine);
}
