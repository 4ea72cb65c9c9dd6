package io.longhaul.engine.hypervisor;

/** What the hypervisor tells unasked. Called on its event thread, in order; implementations must not block. */
public interface GuestEvents {

    /** Source: the guest is paused for the switchover and waits for {@link SourceGuest#continueSwitchover()}. */
    void switchoverReady();

    /** Source: the whole memory stream has been written; the guest stays paused. */
    void memorySent();

    /** Destination: the whole memory stream has been loaded; the guest is paused and may run. */
    void memoryLoaded();

    /** Either side: the memory stream failed. At the source the guest runs on unless it was paused for the switchover. */
    void memoryFailed(String reason);

    /** Source: a mirror ended without being asked to. The guest runs on; its disk here is whole. */
    void mirrorFailed(String disk, String reason);

    /** The hypervisor's process ended. */
    void guestGone(String reason);
}
