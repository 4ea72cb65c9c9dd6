package io.longhaul.agent.vms;

import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.problems.ProblemException;
import io.longhaul.agent.vms.VmRecord.StoredDisk;
import io.longhaul.api.model.DiskDefinition;
import io.longhaul.api.model.DiskFormat;
import io.longhaul.engine.hypervisor.HypervisorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Decides which file each disk of a machine is in, and refuses what cannot be. Makes no file. Thread safe; two
 * decisions whose files are not yet recorded must not overlap.
 */
final class DiskFiles {
    private static final long SECTOR_BYTES = 512;

    private final Definitions definitions;
    private final GuestHost host;

    DiskFiles(Definitions definitions, GuestHost host) {
        this.definitions = definitions;
        this.host = host;
    }

    /**
     * Files for a new machine: new ones to be made, existing ones adopted.
     *
     * @param takenFiles files of other machines
     */
    List<StoredDisk> forNewMachine(String vmName, long epoch, List<DiskDefinition> disks, Set<Path> takenFiles) {
        requireDistinctNames(disks);
        List<StoredDisk> stored = new ArrayList<>();
        Set<Path> taken = new HashSet<>(takenFiles);
        for (DiskDefinition disk : disks) {
            StoredDisk one = disk.getExistingFile() == null
                    ? created(vmName, epoch, disk, Objects.requireNonNullElse(disk.getSizeBytes(), 0L), taken)
                    : adopted(disk, taken);
            taken.add(one.path());
            stored.add(one);
        }
        return stored;
    }

    /** New files of the given sizes for a machine that arrives. */
    List<StoredDisk> forArrival(
            String vmName, long epoch, List<DiskDefinition> disks, Map<String, Long> sizes, Set<Path> takenFiles) {
        requireDistinctNames(disks);
        List<StoredDisk> stored = new ArrayList<>();
        Set<Path> taken = new HashSet<>(takenFiles);
        for (DiskDefinition disk : disks) {
            Long sizeBytes = sizes.get(disk.getName());
            if (sizeBytes == null) {
                throw invalid(disk, "no size for the disk among the source's disks", "the size of every disk");
            }
            StoredDisk one = created(vmName, epoch, disk, sizeBytes, taken);
            taken.add(one.path());
            stored.add(one);
        }
        return stored;
    }

    private StoredDisk created(String vmName, long epoch, DiskDefinition disk, long sizeBytes, Set<Path> taken) {
        if (sizeBytes < SECTOR_BYTES || sizeBytes % SECTOR_BYTES != 0) {
            throw invalid(disk, sizeBytes + " bytes", "a size that is a multiple of 512, or an existing file");
        }
        Path file = unusedFile(
                definitions.pool(disk.getPool()), vmName + "." + disk.getName() + "." + epoch, format(disk), taken);
        return new StoredDisk(disk.getName(), file.toString(), format(disk), sizeBytes, true);
    }

    /** A number is added where the name is taken, such as by the kept disks of a namesake. */
    private static Path unusedFile(Path pool, String name, DiskFormat format, Set<Path> taken) {
        String extension = format == DiskFormat.QCOW2 ? ".qcow2" : ".raw";
        Path file = pool.resolve(name + extension);
        for (int number = 2; Files.exists(file) || taken.contains(file); number++) {
            file = pool.resolve(name + "-" + number + extension);
        }
        return file;
    }

    private StoredDisk adopted(DiskDefinition disk, Set<Path> taken) {
        if (disk.getSizeBytes() != null) {
            throw invalid(disk, "sizeBytes and existingFile", "either sizeBytes or existingFile");
        }
        Path asked = Path.of(Objects.requireNonNull(disk.getExistingFile()));
        Path file = realFileInPool(disk, asked);
        if (taken.contains(file)) {
            throw new ProblemException(
                    ProblemCode.IMAGE_IN_USE,
                    "The image of the disk " + disk.getName() + " belongs to another machine or disk",
                    file.toString(),
                    "a file that nothing else uses");
        }
        long sizeBytes = imageSizeBytes(file, format(disk));
        if (sizeBytes < SECTOR_BYTES || sizeBytes % SECTOR_BYTES != 0) {
            throw unusable(file, sizeBytes + " bytes", "a size that is a multiple of 512");
        }
        return new StoredDisk(disk.getName(), file.toString(), format(disk), sizeBytes, false);
    }

    private Path realFileInPool(DiskDefinition disk, Path asked) {
        Path pool = definitions.pool(disk.getPool());
        Path file;
        Path realPool;
        try {
            realPool = pool.toRealPath();
            file = pool.resolve(asked).toRealPath();
        } catch (IOException e) {
            throw new ProblemException(
                    ProblemCode.IMAGE_NOT_FOUND,
                    "The image of the disk " + disk.getName() + " is not there",
                    "no file " + asked,
                    "an image file in " + pool);
        }
        if (!file.startsWith(realPool)) {
            throw new ProblemException(
                    ProblemCode.IMAGE_OUTSIDE_POOL,
                    "The image of the disk " + disk.getName() + " is not inside its pool",
                    file.toString(),
                    "a file inside " + realPool);
        }
        if (!Files.isRegularFile(file)) {
            throw unusable(file, "something that is not a regular file", "a regular file");
        }
        return file;
    }

    private long imageSizeBytes(Path file, DiskFormat format) {
        try {
            return host.diskSizeBytes(file, format);
        } catch (IOException | HypervisorException e) {
            throw unusable(file, String.valueOf(e.getMessage()), "a " + format + " image that stands alone");
        }
    }

    private static ProblemException unusable(Path file, String seen, String expected) {
        return new ProblemException(
                ProblemCode.IMAGE_UNUSABLE, "The image " + file + " cannot be used", seen, expected);
    }

    private static ProblemException invalid(DiskDefinition disk, String seen, String expected) {
        return new ProblemException(
                ProblemCode.INVALID_DISK, "The disk " + disk.getName() + " cannot be made", seen, expected);
    }

    private static void requireDistinctNames(List<DiskDefinition> disks) {
        Set<String> names = new HashSet<>();
        for (DiskDefinition disk : disks) {
            if (!names.add(disk.getName())) {
                throw invalid(disk, "two disks of the same name", "a different name for each disk");
            }
        }
    }

    private static DiskFormat format(DiskDefinition disk) {
        return Objects.requireNonNullElse(disk.getFormat(), DiskFormat.RAW);
    }
}
