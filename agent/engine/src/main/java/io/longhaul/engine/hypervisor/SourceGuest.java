package io.longhaul.engine.hypervisor;

import java.nio.channels.ReadableByteChannel;
import java.time.Duration;

/**
 * A running guest that is to be moved away. The source's session calls it from one thread, except where a method says
 * otherwise. Every method may block until the hypervisor has answered, at most a few seconds.
 */
public interface SourceGuest extends AutoCloseable {

    /**
     * Opens one disk for reading while the guest runs. What is read is at least as new as the guest's writes that had
     * completed when the read was issued. The reader may be used by one other thread.
     */
    DiskReader openDisk(String disk) throws HypervisorException;

    /**
     * From the moment this returns, every write of the guest reaches the sink some time after the disk here has it, and by
     * the end of {@link #completeMirrors()} at the latest. The guest never waits for it.
     */
    void startMirror(String disk, MirrorSink sink) throws HypervisorException;

    /** Does what can be done for {@link #startMemory} while the link is busy with the disks. Idempotent, never needed. */
    default void prepareMemory() throws HypervisorException {}

    /**
     * Starts pre-copy. The guest runs until the hypervisor forecasts a downtime within the limit, is then paused, and
     * {@link GuestEvents#switchoverReady()} follows.
     *
     * @return the memory stream; reading slowly slows the hypervisor down, never the guest. Ends after
     *     {@link GuestEvents#memorySent()}. Read by one other thread.
     */
    ReadableByteChannel startMemory(MemorySettings settings) throws HypervisorException;

    /** Changes the settings of a started memory stream. Any thread. */
    void tuneMemory(MemorySettings settings) throws HypervisorException;

    /** How the memory stream stands. Any thread. */
    MemoryStatistics memoryStatistics() throws HypervisorException;

    /**
     * After {@link GuestEvents#switchoverReady()}: returns when all that the guest has written has reached the sinks. Disks can
     * still be read.
     *
     * @throws HypervisorException DISK_FAILED where a mirror had failed, so that the sinks lack something
     */
    void completeMirrors() throws HypervisorException;

    /**
     * After {@link #completeMirrors()}, and after the last bytes have been read: ends the
     * disk readers, and the mirrors where that was not done.
     */
    void closeDisks() throws HypervisorException;

    /** After {@link #closeDisks()}: writes the rest of the memory stream and the devices' state. */
    void continueSwitchover() throws HypervisorException;

    /**
     * Undoes everything above: memory stream, mirrors and readers end, and the guest runs here. Idempotent, and correct
     * after a failure at any point and from a process that did not start them. Must never be called once GRANT was sent,
     * except after REFUSED.
     *
     * @throws HypervisorException GUEST_GONE where there is no guest any more
     */
    void takeBack() throws HypervisorException;

    /** Ends the paused guest's hypervisor after the destination has taken the machine. Idempotent. Disks stay. */
    void destroy() throws HypervisorException;

    /**
     * Opens the disk of a destroyed guest for reading.
     *
     * @throws HypervisorException DISK_FAILED
     */
    DiskReader openStoppedDisk(String disk) throws HypervisorException;

    /** Lets go of the guest without changing it. */
    @Override
    void close();

    /**
     * @param maxBytesPerSecond how fast the hypervisor may write the stream; 0 for no limit
     * @param switchoverBytesPerSecond what the link really carries, for the hypervisor's forecast; 0 where not known
     * @param downtimeLimit the switchover starts when it is forecast to take no longer
     */
    record MemorySettings(long maxBytesPerSecond, long switchoverBytesPerSecond, Duration downtimeLimit) {}

    /**
     * @param totalBytes of guest memory
     * @param remainingBytes still to be sent, as the hypervisor knows
     * @param rounds passes over the dirty pages
     * @param dirtyBytesPerSecond how fast the guest makes pages dirty; 0 where not known
     */
    record MemoryStatistics(long totalBytes, long remainingBytes, int rounds, long dirtyBytesPerSecond) {}
}
