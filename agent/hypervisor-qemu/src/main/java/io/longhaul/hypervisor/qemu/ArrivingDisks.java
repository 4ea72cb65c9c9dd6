package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.DiskBeginnings;
import io.longhaul.engine.hypervisor.DiskSeed;
import io.longhaul.engine.hypervisor.DiskSeeds;
import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.hypervisor.qemu.QemuImages.Soundness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the disks of a machine that arrives, each with the best there is to begin with. Owned by the session's thread. */
final class ArrivingDisks {
    private static final Logger log = LoggerFactory.getLogger(ArrivingDisks.class);

    private final GuestDefinition definition;
    private final DiskSeeds seeds;
    private final LedgerFiles files;
    private final QemuImages images;
    private final KeptDisks keptDisks;
    private final Map<String, Path> takenOver = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();

    ArrivingDisks(
            GuestDefinition definition, DiskSeeds seeds, LedgerFiles files, QemuImages images, KeptDisks keptDisks) {
        this.definition = definition;
        this.seeds = seeds;
        this.files = files;
        this.images = images;
        this.keptDisks = keptDisks;
    }

    DiskBeginnings make() throws HypervisorException {
        for (Disk disk : definition.disks()) {
            requireWanted();
            images.requireAbsent(disk.file());
            files.record(disk.file());
            if (keptDisks.takeBack(definition.id(), disk, images, seeds.wanted())) {
                notes.add("Disk " + disk.name() + " begins with what an earlier try left.");
            } else if (!beginsWithSeed(disk)) {
                images.create(disk);
            }
        }
        requireWanted();
        return new DiskBeginnings(takenOver, notes);
    }

    /** An end that somebody asked for does not wait for the next seed, nor for a hypervisor to start. */
    private void requireWanted() throws HypervisorException {
        if (!seeds.wanted().getAsBoolean()) {
            throw new HypervisorException(
                    Code.COMMAND_FAILED, "the disks of " + definition.name() + " are not wanted any more");
        }
    }

    private boolean beginsWithSeed(Disk disk) throws HypervisorException {
        for (DiskSeed seed : seeds.of(disk.name())) {
            requireWanted();
            boolean begins = switch (seed.use()) {
                case COPY -> copy(disk, seed);
                case TAKE_OVER -> takeOver(disk, seed);
            };
            if (begins) {
                return true;
            }
        }
        requireWanted();
        return false;
    }

    /** It must be the disk's in format and size, whole, and nobody's: only then is it renamed. */
    private boolean takeOver(Disk disk, DiskSeed seed) throws HypervisorException {
        try {
            requireOwnFile(seed.file());
            images.requireUnused(seed.file(), seed.format());
        } catch (HypervisorException e) {
            notes.add("Disk " + disk.name() + " did not begin with " + seed.file() + ": " + e.getMessage());
            return false;
        }
        if (seed.format() != disk.format() || images.soundness(seed.file(), disk, seeds.wanted()) != Soundness.WHOLE) {
            notes.add("Disk " + disk.name() + " did not begin with " + seed.file()
                    + ", which is not known to be a whole image of the disk's format and size.");
            return false;
        }
        takenOver.put(disk.name(), seed.file());
        try {
            Files.move(seed.file(), disk.file());
        } catch (IOException e) {
            takenOver.remove(disk.name());
            notes.add("Disk " + disk.name() + " did not begin with " + seed.file() + ", which cannot be renamed to "
                    + disk.file() + ": " + e);
            return false;
        }
        notes.add("Disk " + disk.name() + " begins with " + seed.file() + ", which was renamed to " + disk.file()
                + " and is overwritten.");
        return true;
    }

    private static void requireOwnFile(Path file) throws HypervisorException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new HypervisorException(Code.DISK_FAILED, "it is not there, or is no regular file");
        }
    }

    private boolean copy(Disk disk, DiskSeed seed) throws HypervisorException {
        try {
            images.copy(seed.file(), seed.format(), disk, seeds.wanted());
            notes.add("Disk " + disk.name() + " begins with a copy of " + seed.file() + ".");
            return true;
        } catch (HypervisorException e) {
            log.warn("Disk {} cannot begin with {}: {}", disk.name(), seed.file(), e.getMessage());
            notes.add("Disk " + disk.name() + " did not begin with a copy of " + seed.file() + ": " + e.getMessage());
            images.remove(disk.file());
            return false;
        }
    }

    /** What was taken over has its name back; nothing was written to it yet. For the way out of a failure. */
    void giveBack() {
        takenOver.forEach((name, former) -> {
            try {
                giveBack(QemuHypervisor.disk(definition, name), former, files);
            } catch (HypervisorException e) {
                // In the ledger it would be removed.
                log.warn("{} stays as it was renamed: {}", former, e.getMessage());
                letBe(name);
            }
        });
    }

    private void letBe(String name) {
        try {
            files.release(QemuHypervisor.disk(definition, name).file());
        } catch (HypervisorException e) {
            log.error("The disk {} of {} could not be saved: {}", name, definition.id(), e.getMessage());
        }
    }

    /** Never replaces a file. Nothing where the disk is not there. */
    static void giveBack(Disk disk, Path former, LedgerFiles files) throws HypervisorException {
        if (Files.exists(disk.file(), LinkOption.NOFOLLOW_LINKS)) {
            try {
                Files.move(disk.file(), former);
            } catch (IOException e) {
                throw new HypervisorException(
                        Code.DISK_FAILED, "cannot rename " + disk.file() + " back to " + former + ": " + e, e);
            }
        }
        files.release(disk.file());
    }
}
