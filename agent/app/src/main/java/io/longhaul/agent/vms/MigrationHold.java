package io.longhaul.agent.vms;

import java.util.Optional;
import java.util.UUID;

/** Tells whether a migration holds a machine. Any thread; never blocks. */
public interface MigrationHold {

    /** The migration that is under way for the machine on this host, as its source or its destination. */
    Optional<String> holderOf(UUID vmId);
}
