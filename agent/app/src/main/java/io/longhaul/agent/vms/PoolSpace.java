package io.longhaul.agent.vms;

import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.problems.ProblemException;
import io.longhaul.agent.vms.VmRecord.StoredDisk;
import io.longhaul.engine.hypervisor.HypervisorException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;

/** Refuses disks for which the pools have less free space than they can come to need. Thread safe; makes no file. */
final class PoolSpace {
    private final GuestHost host;
    private final ToLongFunction<Path> freeBytes;
    private final AllocatedBytes allocated = new AllocatedBytes();

    PoolSpace(GuestHost host) {
        this(host, PoolSpace::usableBytes);
    }

    /** @param freeBytes of a pool's folder */
    PoolSpace(GuestHost host, ToLongFunction<Path> freeBytes) {
        this.host = host;
        this.freeBytes = freeBytes;
    }

    /** @param needed bytes each disk needs now, by its name */
    void require(List<StoredDisk> disks, Map<String, Long> needed) {
        Map<Path, Long> perPool = new HashMap<>();
        for (StoredDisk disk : disks) {
            Path pool = Objects.requireNonNull(disk.path().getParent(), "a disk is a file in a folder");
            perPool.merge(pool, needed.getOrDefault(disk.name(), 0L), Long::sum);
        }
        perPool.forEach((pool, bytes) -> {
            long free = freeBytes.applyAsLong(pool);
            if (bytes > free) {
                throw new ProblemException(
                        ProblemCode.NOT_ENOUGH_SPACE,
                        "The pool in " + pool + " has not enough free space",
                        free + " bytes free",
                        bytes + " bytes");
            }
        });
    }

    /**
     * For disks that arrive.
     *
     * @param needed bytes each has at the source, by its name
     * @param renamed the file that is to become the disk, by the disk's name: what it holds needs no room once more
     */
    void require(List<StoredDisk> disks, Map<String, Long> needed, Map<String, Path> renamed) {
        Map<Path, Long> held = allocated.of(List.copyOf(renamed.values()));
        Map<String, Long> left = new HashMap<>(needed);
        for (StoredDisk disk : disks) {
            Path file = renamed.get(disk.name());
            if (file != null && isOfItsSize(file, disk)) {
                left.computeIfPresent(disk.name(), (name, bytes) -> Math.max(0, bytes - held.getOrDefault(file, 0L)));
            }
        }
        require(disks, left);
    }

    /** Else the hypervisor will leave it alone, and begin with nothing. */
    private boolean isOfItsSize(Path file, StoredDisk disk) {
        try {
            return host.diskSizeBytes(file, disk.format()) == disk.sizeBytes();
        } catch (IOException | HypervisorException e) {
            return false;
        }
    }

    private static long usableBytes(Path pool) {
        // Not by way of its mount point, which cannot be found where the root was changed.
        File folder = pool.toFile();
        if (folder.getTotalSpace() == 0) {
            throw new UncheckedIOException(
                    new IOException("Cannot ask for the free space of " + pool + "; see that the folder is there"));
        }
        return folder.getUsableSpace();
    }
}
