package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;

/** Ends a QEMU for good. Stateless; blocks its caller. */
final class QemuEnding {
    private QemuEnding() {}

    /** Asks it to quit, and kills it where it does not. Idempotent. */
    static void end(Monitor monitor, QemuProcess process) throws HypervisorException {
        try {
            monitor.execute("quit");
        } catch (HypervisorException e) {
            // It may end before it answers; and one that does not answer is killed below.
            if (e.code() != Code.GUEST_GONE && e.code() != Code.TIMED_OUT) {
                throw e;
            }
        }
        process.awaitEnd(monitor.commandDeadline());
    }
}
