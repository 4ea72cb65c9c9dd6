/**
 * QEMU as one of the engine's hypervisors: takes definitions and the ports' calls, gives processes, QMP commands and
 * unix sockets. {@code QemuHost} runs machines, {@code QemuHypervisor} moves them, {@code QemuInventory} says what this
 * machine's QEMU can do. Calls block on their caller's thread; events come on a QMP connection's event thread.
 *
 * <p>Must not know: sessions, the link between hosts, HTTP, Spring.
 */
@NullMarked
package io.longhaul.hypervisor.qemu;

import org.jspecify.annotations.NullMarked;
