package io.longhaul.hypervisor.qemu.qmp;

/**
 * Takes what a connection tells unasked. Called on the connection's event thread, one call at a time and in order. That
 * is not the thread that reads, so an implementation may issue commands; while it does, later events wait.
 */
public interface QmpListener {

    void event(QmpEvent event);

    /** The connection ended without having been closed here. The last call. */
    void disconnected(String reason);
}
