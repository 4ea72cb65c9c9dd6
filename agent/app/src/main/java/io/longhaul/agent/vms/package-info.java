/**
 * Takes definitions and commands for single machines, gives exact definitions, disks, running guests, and one durable
 * record for each machine this host owns. Runs on request threads, one command of a machine at a time. Must not know
 * how a migration goes, only whether one holds the machine.
 */
@NullMarked
package io.longhaul.agent.vms;

import org.jspecify.annotations.NullMarked;
