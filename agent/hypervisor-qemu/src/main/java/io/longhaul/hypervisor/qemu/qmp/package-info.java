/**
 * The dialogue with one QEMU: takes commands as records, gives their results as records and QEMU's events in order. One
 * thread reads, one other delivers the events, any thread may command.
 *
 * <p>Must not know: guests, migrations, ledgers, the engine's ports.
 */
@NullMarked
package io.longhaul.hypervisor.qemu.qmp;

import org.jspecify.annotations.NullMarked;
