package io.longhaul.controlplane.execution;

import io.longhaul.controlplane.agents.MigrationCommand;

/** A command to be sent until it is acknowledged. Ids sort in the order the commands were made. */
record PendingCommand(String id, String host, MigrationCommand command) {}
