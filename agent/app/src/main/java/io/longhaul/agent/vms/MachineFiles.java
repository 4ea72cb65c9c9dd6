package io.longhaul.agent.vms;

import io.longhaul.agent.files.DurableFiles;
import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.problems.ProblemException;
import io.longhaul.agent.vms.VmRecord.StoredBootFile;
import io.longhaul.agent.vms.VmRecord.StoredDisk;
import io.longhaul.api.agent.model.BootFileKind;
import io.longhaul.api.model.BootDefinition;
import io.longhaul.api.model.VmDefinition;
import io.longhaul.engine.hypervisor.HypervisorException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes and removes what a machine consists of on this host: record, disks, boot files, serial log. Thread safe; the
 * caller holds the machine's lock.
 */
public final class MachineFiles {
    private static final Logger LOG = LoggerFactory.getLogger(MachineFiles.class);

    private final VmStore store;
    private final VmLocks locks;
    private final Definitions definitions;
    private final DiskFiles diskFiles;
    private final PoolSpace space;
    private final GuestDefinitions guests;
    private final BootFileStore bootFiles;
    private final GuestHost host;
    private final FilesInUse elsewhere;
    private final Path serialFolder;

    public MachineFiles(
            Machines.Ownership ownership,
            Definitions definitions,
            BootFileStore bootFiles,
            GuestHost host,
            FilesInUse elsewhere,
            Path dataFolder) {
        this.store = ownership.store();
        this.locks = ownership.locks();
        this.definitions = definitions;
        this.diskFiles = new DiskFiles(definitions, host);
        this.space = new PoolSpace(host);
        this.guests = new GuestDefinitions(definitions, bootFiles);
        this.bootFiles = bootFiles;
        this.host = host;
        this.elsewhere = elsewhere;
        this.serialFolder = dataFolder.resolve("serial");
    }

    /** Makes everything, or leaves nothing. */
    VmRecord make(UUID id, VmDefinition asked, long epoch) {
        VmDefinition exact = definitions.exact(id, asked);
        VmRecord planned = locks.withFiles(() -> plan(id, asked, exact, epoch));
        try {
            createImages(planned);
        } catch (HypervisorException e) {
            undo(planned);
            throw Machines.hypervisorFailed("The disks of " + exact.getName() + " could not be made", e);
        }
        VmRecord made = planned.completed();
        store.put(made);
        LOG.info(
                "Made the machine {} ({}) with {} disks",
                id,
                exact.getName(),
                made.disks().size());
        return made;
    }

    /**
     * Where a machine that arrives will be on this host. Makes nothing.
     *
     * @param asked with this host's pools and networks
     * @param arriving sizes of its disks, space they need, and its boot files
     * @param seeds finds what the disks may begin with, while no other can take the same files
     * @param remember records the plan, so that no other does
     */
    public VmRecord planArrival(
            UUID id,
            VmDefinition asked,
            long epoch,
            Arrival arriving,
            Function<VmRecord, SeedFiles.Found> seeds,
            BiConsumer<VmRecord, SeedFiles.Found> remember) {
        VmDefinition exact = definitions.exact(id, asked);
        definitions.requireMemory(exact);
        return locks.withFiles(() -> {
            List<StoredDisk> disks =
                    diskFiles.forArrival(exact.getName(), epoch, exact.getDisks(), arriving.diskSizes(), takenFiles());
            VmRecord planned = new VmRecord(
                    id,
                    epoch,
                    null,
                    guests.withOwnFiles(exact, disks, arriving.bootFiles()),
                    disks,
                    arriving.bootFiles(),
                    serialLog(id, exact, epoch),
                    true,
                    true);
            SeedFiles.Found found = seeds.apply(planned);
            space.require(disks, arriving.allocatedBytes(), found.renamed());
            remember.accept(planned, found);
            return planned;
        });
    }

    void requireMemory(VmRecord machine) {
        definitions.requireMemory(machine.definition());
    }

    /** Removes the record and what was made for it; adopted disks stay. */
    void undo(VmRecord machine) {
        removeDisks(machine, false);
        removeSerialLog(machine);
        store.remove(machine.id());
        sweep();
    }

    /**
     * Removes a machine's disks, except those another machine has meanwhile adopted.
     *
     * @param alsoAdopted also those that were not made by this agent
     */
    public void removeDisks(VmRecord machine, boolean alsoAdopted) {
        Set<Path> ofOthers = filesOf(store.all().stream()
                .filter(other -> !other.id().equals(machine.id()) || other.epoch() != machine.epoch())
                .toList());
        for (StoredDisk disk : machine.disks()) {
            if ((disk.created() || alsoAdopted) && !ofOthers.contains(disk.path())) {
                delete(disk.path());
            }
        }
    }

    public void removeSerialLog(VmRecord machine) {
        if (machine.serialLog() != null) {
            delete(Path.of(machine.serialLog()));
            delete(previous(machine.serialLog()));
        }
    }

    /** Before the guest starts from the beginning: its log tells of one life only. The one before is kept. */
    void beginSerialLog(VmRecord machine) {
        if (machine.serialLog() == null) {
            return;
        }
        Path log = Path.of(machine.serialLog());
        try {
            Files.move(log, previous(machine.serialLog()), StandardCopyOption.REPLACE_EXISTING);
        } catch (NoSuchFileException e) {
            LOG.trace("The machine {} has written no log yet", machine.id());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot put the serial log " + log + " aside: " + e.getMessage(), e);
        }
    }

    private static Path previous(String serialLog) {
        return Path.of(serialLog + ".previous");
    }

    /** Removes what a hypervisor that was killed left of a guest; does nothing to one that is there. */
    public void removeRemains(UUID guest) {
        if (host.state(guest) != GuestHost.GuestState.ABSENT) {
            return;
        }
        try {
            host.stop(guest, true, Duration.ZERO);
        } catch (HypervisorException e) {
            throw Machines.hypervisorFailed("What is left of the guest " + guest + " could not be removed", e);
        }
    }

    /** Removes the boot files that nothing uses any more. */
    public void sweep() {
        locks.withFiles(() -> {
            Set<String> used = new HashSet<>(elsewhere.bootFiles());
            store.all().forEach(machine -> machine.bootFiles().forEach(file -> used.add(file.sha256())));
            bootFiles.sweep(used);
            return used;
        });
    }

    private VmRecord plan(UUID id, VmDefinition asked, VmDefinition exact, long epoch) {
        List<StoredDisk> disks = diskFiles.forNewMachine(exact.getName(), epoch, exact.getDisks(), takenFiles());
        Map<String, Long> needed = new HashMap<>();
        disks.stream().filter(StoredDisk::created).forEach(disk -> needed.put(disk.name(), disk.sizeBytes()));
        space.require(disks.stream().filter(StoredDisk::created).toList(), needed);
        List<StoredBootFile> boot = storeBootFiles(exact.getBoot());
        VmRecord planned = new VmRecord(
                id,
                epoch,
                asked,
                guests.withOwnFiles(exact, disks, boot),
                disks,
                boot,
                serialLog(id, exact, epoch),
                false,
                false);
        store.put(planned);
        return planned;
    }

    /** The epoch in the name keeps one stay of the machine on this host apart from the next. */
    private @Nullable String serialLog(UUID id, VmDefinition exact, long epoch) {
        if (!exact.getSerialLog()) {
            return null;
        }
        try {
            Files.createDirectories(serialFolder);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make " + serialFolder + ": " + e.getMessage(), e);
        }
        return serialFolder.resolve(id + "." + epoch + ".log").toString();
    }

    private void createImages(VmRecord planned) throws HypervisorException {
        for (StoredDisk disk : planned.disks()) {
            if (disk.created()) {
                host.createImage(disk.path(), GuestDefinitions.format(disk.format()), disk.sizeBytes());
            }
        }
    }

    private List<StoredBootFile> storeBootFiles(@Nullable BootDefinition boot) {
        List<StoredBootFile> stored = new ArrayList<>();
        if (boot != null) {
            storeBootFile(BootFileKind.FIRMWARE, boot.getFirmware(), stored);
            storeBootFile(BootFileKind.KERNEL, boot.getKernel(), stored);
            storeBootFile(BootFileKind.INITRD, boot.getInitrd(), stored);
        }
        return stored;
    }

    private void storeBootFile(BootFileKind kind, @Nullable String path, List<StoredBootFile> stored) {
        if (path == null || path.isEmpty()) {
            return;
        }
        try {
            requireRegular(Path.of(path));
            try (InputStream content = Files.newInputStream(Path.of(path))) {
                stored.add(bootFiles.store(kind, content));
            }
        } catch (IOException e) {
            throw new ProblemException(
                    ProblemCode.BOOT_FILE_UNAVAILABLE,
                    "The " + kind.getValue() + " file of the definition could not be read",
                    path + ": " + e.getMessage(),
                    "a readable file on this host");
        }
    }

    private static void requireRegular(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException("no such file");
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException("it is not a regular file");
        }
    }

    private Set<Path> takenFiles() {
        Set<Path> taken = new HashSet<>(elsewhere.disks());
        taken.addAll(filesOf(store.all()));
        return taken;
    }

    private static Set<Path> filesOf(List<VmRecord> machines) {
        Set<Path> files = new HashSet<>();
        machines.forEach(machine -> machine.disks().forEach(disk -> files.add(disk.path())));
        return files;
    }

    private static void delete(Path file) {
        try {
            DurableFiles.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot remove " + file + ": " + e.getMessage(), e);
        }
    }

    /** What is known of a machine before it arrives. Maps are by the disk's name. */
    public record Arrival(
            Map<String, Long> diskSizes, Map<String, Long> allocatedBytes, List<StoredBootFile> bootFiles) {}
}
