package io.longhaul.hypervisor.qemu;

/** How a machine stands on this host. */
public enum GuestState {
    RUNNING,
    /** Its QEMU is there, its processors stand still. */
    PAUSED,
    /** It has no QEMU. */
    STOPPED,
    /** Its QEMU is there, and the guest cannot go on: an error of its disk, a panic, or one inside QEMU. */
    FAILED;

    static GuestState of(String runState) {
        return switch (runState) {
            case "running" -> RUNNING;
            case "internal-error", "io-error", "guest-panicked", "watchdog", "shutdown" -> FAILED;
            default -> PAUSED;
        };
    }
}
