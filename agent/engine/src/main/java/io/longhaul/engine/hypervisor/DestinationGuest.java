package io.longhaul.engine.hypervisor;

import java.nio.channels.WritableByteChannel;

/**
 * A hypervisor that waits for a guest. The destination's session calls it from one thread, except where a method says
 * otherwise.
 */
public interface DestinationGuest extends AutoCloseable {

    /** What the disks began with. Nothing where the guest was opened again. */
    DiskBeginnings beginnings();

    /** Opens one disk for writing. The writer may be used by several other threads. */
    DiskWriter openDisk(String disk) throws HypervisorException;

    /**
     * Makes the hypervisor ready for the memory stream.
     *
     * @return takes the stream; closing it marks its end. Written by one other thread.
     *     {@link GuestEvents#memoryLoaded()} follows the end.
     */
    WritableByteChannel acceptMemory() throws HypervisorException;

    /**
     * After the last flush, while memory may still be loading: closes the writers, and where asked keeps the state of
     * all disks at this moment readable through {@link #openFrozenDisk}. In the guest's downtime: must be quick.
     */
    void sealDisks(boolean freeze) throws HypervisorException;

    /** Runs the guest. Only after TAKEN is in the journal. Idempotent. */
    void run() throws HypervisorException;

    /** The disk as it was at {@link #sealDisks}, while the guest runs and writes. */
    DiskReader openFrozenDisk(String disk) throws HypervisorException;

    /** Ends the keeping of the frozen state and removes all else that was there for the migration only. Idempotent. */
    void thaw() throws HypervisorException;

    /** Ends the hypervisor before the guest ever ran. Idempotent. Files stay for the ledger's owner to remove. */
    void destroy() throws HypervisorException;

    /** Lets go without changing anything. */
    @Override
    void close();
}
