/**
 * Takes what links need of the process, gives an engine whose hot code is compiled: a transfer of made-up memory and disks
 * from this process to itself, over the real link, senders and receivers, until it gets no faster. A runtime that compiles
 * while it runs would otherwise do so in the agent's first migration, and most agents have one only. Runs on the caller's
 * thread and a few of its own, which are gone when it returns. Must not know of migrations, journals, or hypervisors that
 * run.
 */
@NullMarked
package io.longhaul.engine.rehearsal;

import org.jspecify.annotations.NullMarked;
