package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.support.Backoff;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what must be done for the guest to run on exactly one host, for as long as it takes. There is no other right answer
 * than to try again: giving up would leave the guest on none.
 */
final class HypervisorRetry {
    private static final Logger log = LoggerFactory.getLogger(HypervisorRetry.class);

    private HypervisorRetry() {}

    /** A step that a hypervisor may refuse for a while. */
    interface Step {
        void run() throws HypervisorException;
    }

    /**
     * @param what completes the sentence "could not …"
     * @return false where the guest's hypervisor is gone, so that there is nothing left to do it to
     */
    static boolean untilDone(String migrationId, String what, Step step) throws InterruptedException {
        for (Backoff backoff = new Backoff(); ; backoff.pause()) {
            try {
                step.run();
                return true;
            } catch (HypervisorException e) {
                if (e.code() == HypervisorException.Code.GUEST_GONE) {
                    log.warn("{}: could not {}, its hypervisor is gone: {}", migrationId, what, e.getMessage());
                    return false;
                }
                log.warn(
                        "{}: could not {}, trying again in {} s: {} {}",
                        migrationId,
                        what,
                        backoff.nextSeconds(),
                        e.code(),
                        e.getMessage());
            }
        }
    }
}
