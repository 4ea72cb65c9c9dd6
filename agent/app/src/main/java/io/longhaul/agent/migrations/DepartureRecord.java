package io.longhaul.agent.migrations;

import io.longhaul.agent.vms.VmRecord;

/**
 * A machine that was moved away, with the disks it left here. Immutable. Kept until the disks are deleted by command.
 *
 * @param epoch in which the destination took it
 */
record DepartureRecord(String migrationId, long epoch, VmRecord machine) {}
