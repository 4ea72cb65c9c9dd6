package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Disk images as files, by way of qemu-img. Stateless; every call blocks. */
final class QemuImages {
    private static final Logger log = LoggerFactory.getLogger(QemuImages.class);
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    /** A terabyte at 200 MB/s with some time to spare; nobody waits longer for what is only to save time. */
    private static final Duration LONG_DEADLINE = Duration.ofHours(2);

    private static final int SECTOR_BYTES = 512;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final String imageTool;
    private final ToolFolder folder;
    private final Duration longDeadline;

    QemuImages(QemuSettings settings) {
        this(settings, LONG_DEADLINE);
    }

    /** @param longDeadline for what reads a whole image */
    QemuImages(QemuSettings settings, Duration longDeadline) {
        this.longDeadline = longDeadline;
        this.imageTool = settings.imageTool().toString();
        this.folder = new ToolFolder(settings);
    }

    /** Makes an empty image of the exact size. Never replaces a file. */
    void create(Disk disk) throws HypervisorException {
        if (disk.sizeBytes() <= 0 || disk.sizeBytes() % SECTOR_BYTES != 0) {
            throw new HypervisorException(
                    Code.START_FAILED,
                    "disk " + disk.name() + ": " + disk.sizeBytes() + " bytes is no positive multiple of "
                            + SECTOR_BYTES);
        }
        claim(disk.file());
        String size = Long.toString(disk.sizeBytes());
        command("create", "-q", "-f", format(disk.format()), "--", disk.file().toString(), size);
    }

    /**
     * Makes an image with the content of another: cut at the disk's end, zeros behind its own. The other is only read.
     * Never replaces a file; on a failure what was made is still there.
     *
     * @param wanted ends the copy with a failure once it is false
     */
    void copy(Path seed, DiskFormat seedFormat, Disk disk, BooleanSupplier wanted) throws HypervisorException {
        long seedBytes = sizeBytes(seed, seedFormat);
        if (seedFormat == disk.format() && seedBytes == disk.sizeBytes() && sharesBlocks(seed, disk)) {
            return;
        }
        requireRoom(seed, seedFormat, disk);
        create(disk);
        long copiedBytes = Math.min(seedBytes, disk.sizeBytes());
        List<String> command = List.of(
                imageTool,
                "convert",
                "-q",
                "-U",
                "-n",
                "--target-is-zero",
                "-O",
                format(disk.format()),
                beginningOf(seed, seedFormat, copiedBytes),
                disk.file().toString());
        succeed(command, longDeadline, wanted);
    }

    /** Other guests write to the same pool: it must not be full even for as long as it takes to find that out. */
    private void requireRoom(Path seed, DiskFormat seedFormat, Disk disk) throws HypervisorException {
        String answer =
                command("measure", "-U", "--output=json", "-f", format(seedFormat), "-O", "qcow2", seed.toString());
        try {
            long neededBytes = Math.min(JSON.readTree(answer).path("required").asLong(), disk.sizeBytes());
            long freeBytes = Objects.requireNonNull(disk.file().toAbsolutePath().getParent(), "a disk is in a folder")
                    .toFile()
                    .getUsableSpace();
            if (freeBytes < neededBytes) {
                throw new HypervisorException(
                        Code.NO_SPACE, "its content needs " + neededBytes + " bytes, " + freeBytes + " are free");
            }
        } catch (JacksonException e) {
            throw new HypervisorException(Code.DISK_FAILED, imageTool + " said of " + seed + ": " + answer, e);
        }
    }

    /** Where the file system can, the copy takes no time and no space. */
    private boolean sharesBlocks(Path seed, Disk disk) throws HypervisorException {
        claim(disk.file());
        List<String> command = List.of(
                "cp", "--reflink=always", "--", seed.toString(), disk.file().toString());
        try {
            if (Tool.run(command, folder, DEADLINE).succeeded()) {
                return true;
            }
        } catch (IOException e) {
            log.debug("{} is copied the long way: {}", seed, e.toString());
        }
        remove(disk.file());
        return false;
    }

    /** A description instead of a name, for only so the format is not guessed and the end can be said. */
    private static String beginningOf(Path seed, DiskFormat format, long lengthBytes) {
        return "json:"
                + JSON.writeValueAsString(Map.of(
                        "driver",
                        "raw",
                        "size",
                        lengthBytes,
                        "file",
                        Map.of(
                                "driver",
                                format(format),
                                "file",
                                Map.of("driver", "file", "filename", seed.toString()))));
    }

    /** Of a file that was made here. */
    void remove(Path file) throws HypervisorException {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new HypervisorException(Code.DISK_FAILED, "cannot remove " + file, e);
        }
    }

    /** Refuses an image that a hypervisor has open, of whatever machine. */
    void requireUnused(Path file, DiskFormat format) throws HypervisorException {
        command("info", "--output=json", "-f", format(format), "--", file.toString());
    }

    /** Before a file is noted as made by a migration, for what is noted may be removed. */
    void requireAbsent(Path file) throws HypervisorException {
        if (Files.exists(file)) {
            throw new HypervisorException(
                    Code.START_FAILED, file + " is there already; it was left as it is. Remove it or name another");
        }
    }

    /** Makes the file, so that between two who would make it only one does. */
    private static void claim(Path file) throws HypervisorException {
        try {
            Files.createFile(file);
        } catch (FileAlreadyExistsException e) {
            throw new HypervisorException(
                    Code.START_FAILED, file + " is there already; it was left as it is. Remove it or name another", e);
        } catch (IOException e) {
            throw new HypervisorException(
                    QemuErrors.codeOf(String.valueOf(e.getMessage()), Code.DISK_FAILED), "cannot create " + file, e);
        }
    }

    /**
     * The size that a guest would see.
     *
     * <p>The format is never guessed from the contents: a guest that writes a qcow2 header onto its raw disk would name
     * any file of this host as its backing file. For the same reason an image with one is refused.
     */
    long sizeBytes(Path file, DiskFormat format) throws HypervisorException {
        if (!Files.isRegularFile(file)) {
            throw new HypervisorException(Code.DISK_FAILED, file + " is not there, or is no regular file");
        }
        String answer = command("info", "-U", "--output=json", "-f", format(format), "--", file.toString());
        try {
            JsonNode info = JSON.readTree(answer);
            refuseReferences(file, info);
            return info.path("virtual-size").asLong();
        } catch (JacksonException e) {
            throw new HypervisorException(Code.DISK_FAILED, imageTool + " said of " + file + ": " + answer, e);
        }
    }

    /** What can be said of an image that a disk may begin with. */
    enum Soundness {
        /** The image is what the disk needs, and can be relied on. */
        WHOLE,
        /** It is not, or cannot be. */
        USELESS,
        /** It was not found out in time, or nobody wants to know any more. */
        UNKNOWN
    }

    /**
     * Whether the image is what the disk needs. Clusters that a killed QEMU has lost are freed, which reads all the tables
     * of the image and may take as long as a copy.
     *
     * @param wanted ends the check once it is false
     */
    Soundness soundness(Path file, Disk disk, BooleanSupplier wanted) {
        try {
            if (sizeBytes(file, disk.format()) != disk.sizeBytes()) {
                return Soundness.USELESS;
            }
            // A copy that an agent which was killed has left running still writes to it.
            requireUnused(file, disk.format());
            if (disk.format() == DiskFormat.QCOW2) {
                List<String> check = List.of(
                        imageTool, "check", "-q", "-r", "leaks", "-f", format(disk.format()), "--", file.toString());
                succeed(check, longDeadline, wanted);
            }
            return Soundness.WHOLE;
        } catch (HypervisorException e) {
            log.info("{} cannot be used: {}", file, e.getMessage());
            return e.code() == Code.TIMED_OUT ? Soundness.UNKNOWN : Soundness.USELESS;
        }
    }

    private static void refuseReferences(Path file, JsonNode info) throws HypervisorException {
        JsonNode data = info.path("format-specific").path("data");
        if (info.has("backing-filename") || data.has("data-file")) {
            throw new HypervisorException(
                    Code.DISK_FAILED,
                    file + " refers to another file ("
                            + info.path("backing-filename").asString("a data file")
                            + "); only images that hold all of their data can be attached");
        }
    }

    private String command(String... arguments) throws HypervisorException {
        List<String> command = new ArrayList<>();
        command.add(imageTool);
        command.addAll(List.of(arguments));
        return succeed(command, DEADLINE, () -> true);
    }

    private String succeed(List<String> command, Duration deadline, BooleanSupplier wanted) throws HypervisorException {
        try {
            Tool.Ending ending = Tool.run(command, folder, deadline, wanted);
            if (!ending.succeeded()) {
                throw new HypervisorException(QemuErrors.codeOf(ending.output(), Code.DISK_FAILED), ending.output());
            }
            return ending.output();
        } catch (Tool.UnfinishedException e) {
            throw new HypervisorException(Code.TIMED_OUT, String.join(" ", command) + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new HypervisorException(Code.DISK_FAILED, String.join(" ", command) + ": " + e.getMessage(), e);
        }
    }

    private static String format(DiskFormat format) {
        return format.name().toLowerCase(Locale.ROOT);
    }
}
