package io.longhaul.agent.vms;

import io.longhaul.api.model.DiskFormat;
import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.HypervisorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;

/**
 * Runs guests on this host. Thread safe, but commands for one guest come one at a time. Guests live on when the agent
 * ends, and are found again by their id.
 */
public interface GuestHost {

    /**
     * Starts the guest and returns when it runs. Not called for one that runs. On an exception nothing of it is left but
     * its disks and its serial log.
     */
    void start(GuestDefinition guest) throws HypervisorException;

    /**
     * Ends the guest and returns when it is gone. Idempotent.
     *
     * @param force ends it as a power cut would; else it is asked to power off
     * @throws HypervisorException TIMED_OUT where it has not powered off in time; it may still do so later
     */
    void stop(UUID guestId, boolean force, Duration timeout) throws HypervisorException;

    /**
     * How the guest is. Blocks for a round trip to the hypervisor, and for seconds where it has just begun, is just ending
     * or is silent; never throws for a guest that is gone.
     */
    GuestState state(UUID guestId);

    /** The guests that have a hypervisor on this host, known or not. */
    Set<UUID> running();

    /** Memory the guest's hypervisor holds already; 0 where it is gone or does not tell. Never blocks for long. */
    long residentBytes(UUID guestId);

    /** Makes an empty image of the exact size, as a thin file. The file must not exist. */
    void createImage(Path file, GuestDefinition.DiskFormat format, long sizeBytes) throws HypervisorException;

    /**
     * The size a guest would see of this image.
     *
     * @throws HypervisorException DISK_FAILED where it is no such image, or reads from another file, which would not
     *     travel with it and may lie outside the pool
     */
    long imageSizeBytes(Path file, GuestDefinition.DiskFormat format) throws HypervisorException;

    /**
     * The size of a machine's disk in this image. A raw one is as long as its file; the hypervisor would round it up.
     *
     * @throws HypervisorException as {@link #imageSizeBytes}
     */
    default long diskSizeBytes(Path file, DiskFormat format) throws IOException, HypervisorException {
        return format == DiskFormat.RAW ? Files.size(file) : imageSizeBytes(file, GuestDefinitions.format(format));
    }

    /** What a guest can be, seen from outside. */
    enum GuestState {
        ABSENT,
        RUNNING,
        PAUSED,
        /** Its hypervisor is there, but the guest cannot go on by itself. */
        BROKEN
    }
}
