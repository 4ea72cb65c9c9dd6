package io.longhaul.hypervisor.qemu;

import java.util.UUID;

/** Hears of guests whose QEMU ended. Called on that guest's event thread; must not block. */
public interface GuestEndListener {

    /**
     * @param reason for people: {@code guest-shutdown} where the guest switched itself off, and so on
     */
    void guestEnded(UUID guest, String reason);
}
