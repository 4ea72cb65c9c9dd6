package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.hypervisor.qemu.QemuImages.Soundness;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Disks that came in part, kept in the folder where they were until the next try to bring the same guest here, or until they
 * are too old. Stateless: their names tell everything, so they are found again after any crash.
 *
 * <pre>
 *   .longhaul-partial-{guest's id}-{SHA-256 of the disk's name, 16 digits}-{size}.{format}
 * </pre>
 */
public final class KeptDisks {
    /** Long enough for somebody to come to work and try again. */
    public static final Duration KEPT_FOR = Duration.ofHours(24);

    private static final Logger log = LoggerFactory.getLogger(KeptDisks.class);

    private static final String PREFIX = ".longhaul-partial-";
    private static final int NAME_DIGITS = 16;

    private final InstantSource clock;
    private final Duration keptFor;

    public KeptDisks(InstantSource clock, Duration keptFor) {
        this.clock = clock;
        this.keptFor = keptFor;
    }

    /** Gives the disk's file the name under which it is kept, and tells that. Nothing where it is not there. */
    Optional<Path> keep(UUID guest, Disk disk) throws HypervisorException {
        if (!Files.exists(disk.file(), LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        Path kept = keptFile(guest, disk);
        try {
            rejuvenate(disk.file());
            Files.move(disk.file(), kept, StandardCopyOption.REPLACE_EXISTING);
            log.info("Kept for the next try: {} as {}", disk.file(), kept);
            return Optional.of(kept);
        } catch (IOException e) {
            throw new HypervisorException(Code.DISK_FAILED, "cannot keep " + disk.file() + " as " + kept, e);
        }
    }

    /** So that its time to be kept begins now. Only a file's owner may. */
    private void rejuvenate(Path file) {
        try {
            Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
        } catch (IOException e) {
            log.warn("{} is kept by the time of its last change: {}", file, e.toString());
        }
    }

    /**
     * Gives what was kept of the disk its name back. Never replaces a file.
     *
     * @param wanted ends a long check once it is false
     * @return false where nothing of use was kept; what was of no use is removed, but not what could not be found out
     */
    boolean takeBack(UUID guest, Disk disk, QemuImages images, BooleanSupplier wanted) throws HypervisorException {
        Path kept = keptFile(guest, disk);
        boolean whole = false;
        for (Path found : keptIn(folderOf(disk), prefixOf(guest, disk))) {
            Soundness soundness =
                    found.equals(kept) && !isTooOld(found) ? images.soundness(found, disk, wanted) : Soundness.USELESS;
            switch (soundness) {
                case WHOLE -> whole = true;
                case USELESS -> remove(found);
                case UNKNOWN -> log.warn("{} stays as it is: whether it is whole was not found out", found);
            }
        }
        if (!whole) {
            return false;
        }
        try {
            Files.move(kept, disk.file());
            log.info("Begins with what was kept of an earlier try: {}", disk.file());
            return true;
        } catch (IOException e) {
            throw new HypervisorException(Code.DISK_FAILED, "cannot rename " + kept + " to " + disk.file(), e);
        }
    }

    /** Removes what was kept in this folder for too long. Nothing where the folder is not there. */
    public void removeExpired(Path folder) {
        for (Path kept : keptIn(folder, PREFIX)) {
            if (isTooOld(kept)) {
                remove(kept);
            }
        }
    }

    private boolean isTooOld(Path kept) {
        try {
            Instant since =
                    Files.getLastModifiedTime(kept, LinkOption.NOFOLLOW_LINKS).toInstant();
            return since.plus(keptFor).isBefore(clock.instant());
        } catch (IOException e) {
            log.warn("The age of {} cannot be told: {}", kept, e.toString());
            return false;
        }
    }

    private static void remove(Path kept) {
        try {
            Files.deleteIfExists(kept);
            log.info("Removed, no longer of use for another try: {}", kept);
        } catch (IOException e) {
            log.warn("Cannot remove {}: {}", kept, e.toString());
        }
    }

    private static List<Path> keptIn(Path folder, String prefix) {
        List<Path> found = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return found;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(
                folder, file -> file.getFileName().toString().startsWith(prefix))) {
            files.forEach(found::add);
        } catch (IOException | DirectoryIteratorException e) {
            log.warn("What is kept in {} cannot be listed: {}", folder, e.toString());
        }
        return found;
    }

    private static Path folderOf(Disk disk) {
        return Objects.requireNonNull(disk.file().toAbsolutePath().getParent(), "a disk is a file in a folder");
    }

    static Path keptFile(UUID guest, Disk disk) {
        String format = disk.format().name().toLowerCase(Locale.ROOT);
        return folderOf(disk).resolve(prefixOf(guest, disk) + disk.sizeBytes() + "." + format);
    }

    /** A disk's name may be longer than a file's, and hold what no file's may. */
    private static String prefixOf(UUID guest, Disk disk) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(disk.name().getBytes(StandardCharsets.UTF_8));
            return PREFIX + guest + "-" + HexFormat.of().formatHex(digest).substring(0, NAME_DIGITS) + "-";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
