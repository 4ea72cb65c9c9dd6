package io.longhaul.agent.vms;

import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.problems.ProblemException;
import io.longhaul.agent.vms.VmRecord.StoredDisk;
import io.longhaul.api.model.DiskFormat;
import io.longhaul.engine.hypervisor.DiskSeed;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds what the disks of an arriving machine may begin with on this host: templates, and what an earlier stay of the machine
 * left in the pool. Makes and changes nothing. Thread safe; what it found is somebody else's as soon as the lock of the files
 * is let go of, unless it was claimed.
 */
public final class SeedFiles {
    /** No separator, no leading dot: nothing that leads out of the folder. */
    private static final Pattern TEMPLATE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,126}");

    private static final String QCOW2_ENDING = ".qcow2";
    private static final byte[] QCOW2_MAGIC = {'Q', 'F', 'I', (byte) 0xfb};

    private final VmStore store;
    private final PassingMachines passing;
    private final Path templateFolder;

    public SeedFiles(VmStore store, PassingMachines passing, Path templateFolder) {
        this.store = store;
        this.passing = passing;
        this.templateFolder = templateFolder;
    }

    /**
     * What an order asks for.
     *
     * @param templates by the disk's name, the name of a file in the template folder
     * @param reuse whether a file that an earlier stay left may be taken over
     */
    public record Wish(Map<String, String> templates, boolean reuse) {

        /** @throws ProblemException where a template's name is more than a file's name */
        public Wish {
            templates = Map.copyOf(templates);
            for (String name : templates.values()) {
                if (!TEMPLATE_NAME.matcher(name).matches()) {
                    throw new ProblemException(
                            ProblemCode.MALFORMED_REQUEST,
                            "A template's name is not a plain file name",
                            name,
                            "1 to 127 letters, digits, dots, hyphens and underscores, the first a letter or digit");
                }
            }
        }
    }

    /**
     * @param seeds by the disk's name, the best first
     * @param notes what was looked for in vain or was left alone, a sentence each
     */
    public record Found(Map<String, List<DiskSeed>> seeds, List<String> notes) {
        public Found {
            seeds = Map.copyOf(seeds);
            notes = List.copyOf(notes);
        }

        /** The file that will be renamed to a disk, by the disk's name. */
        public Map<String, Path> renamed() {
            Map<String, Path> files = new HashMap<>();
            seeds.forEach((disk, ofDisk) -> ofDisk.stream()
                    .filter(seed -> seed.use() == DiskSeed.Use.TAKE_OVER)
                    .findFirst()
                    .ifPresent(seed -> files.put(disk, seed.file())));
            return files;
        }

        /** Files that will be renamed: nothing else may be given them. */
        public List<String> claimed() {
            return renamed().values().stream().map(Path::toString).toList();
        }
    }

    /** The caller holds the lock of the files. */
    public Found find(VmRecord machine, Wish wish) {
        Map<String, List<DiskSeed>> seeds = new HashMap<>();
        List<String> notes = new ArrayList<>();
        Set<Path> used = used(machine);
        for (StoredDisk disk : machine.disks()) {
            List<DiskSeed> ofDisk = new ArrayList<>();
            earlierStay(machine, disk, used)
                    .or(() -> sameName(machine, disk, used))
                    .ifPresent(file -> {
                        if (wish.reuse()) {
                            ofDisk.add(
                                    new DiskSeed(file, GuestDefinitions.format(disk.format()), DiskSeed.Use.TAKE_OVER));
                        } else {
                            notes.add(leftAlone(disk, file));
                        }
                    });
            String template = wish.templates().get(disk.name());
            if (template != null) {
                template(disk, template, notes).ifPresent(ofDisk::add);
            }
            seeds.put(disk.name(), ofDisk);
        }
        return new Found(seeds, notes);
    }

    private static String leftAlone(StoredDisk disk, Path file) {
        return "The pool holds " + file + ", which no machine uses and which may be an older copy of disk "
                + disk.name() + "; it was left alone. With reuseExistingDisks the disk would have begun with it.";
    }

    private Set<Path> used(VmRecord arriving) {
        Set<Path> used = new HashSet<>(passing.disksOfOthers(arriving.id()));
        store.all().forEach(machine -> machine.disks().forEach(disk -> used.add(disk.path())));
        return used;
    }

    /** In the same folder only: a rename into another could be a copy that takes hours. */
    private Optional<Path> earlierStay(VmRecord machine, StoredDisk disk, Set<Path> used) {
        return passing.earlierStays(machine.id()).stream()
                .flatMap(stay -> stay.disks().stream())
                .filter(left -> left.name().equals(disk.name()) && left.format() == disk.format())
                .map(StoredDisk::path)
                .filter(file -> Objects.equals(file.getParent(), disk.path().getParent()) && isFree(file, used))
                .findFirst();
    }

    /** The newest file under the names that {@link DiskFiles} gives to this machine's disk. */
    private static Optional<Path> sameName(VmRecord machine, StoredDisk disk, Set<Path> used) {
        Pattern name = Pattern.compile(Pattern.quote(machine.definition().getName() + "." + disk.name() + ".")
                + "([0-9]{1,18})(?:-([0-9]{1,9}))?"
                + (disk.format() == DiskFormat.QCOW2 ? "\\.qcow2" : "\\.raw"));
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(
                disk.path().getParent(),
                file -> isFree(file, used) && matcher(name, file).matches())) {
            files.forEach(found::add);
        } catch (IOException | DirectoryIteratorException e) {
            // A pool that cannot be listed is told of where the disk is made in it.
            return Optional.empty();
        }
        return found.stream()
                .max(Comparator.<Path>comparingLong(file -> number(name, file, 1))
                        .thenComparingLong(file -> number(name, file, 2)));
    }

    private static boolean isFree(Path file, Set<Path> used) {
        return !used.contains(file) && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && hasOneName(file);
    }

    /** Behind a link, a machine could have the same file by its other name, and nobody would know that it is in use. */
    private static boolean hasOneName(Path file) {
        try {
            return file.toRealPath().equals(file);
        } catch (IOException e) {
            return false;
        }
    }

    private static Matcher matcher(Pattern name, Path file) {
        return name.matcher(file.getFileName().toString());
    }

    private static long number(Pattern name, Path file, int group) {
        Matcher matcher = matcher(name, file);
        String digits = matcher.matches() ? matcher.group(group) : null;
        return digits == null ? 0 : Long.parseLong(digits);
    }

    private Optional<DiskSeed> template(StoredDisk disk, String name, List<String> notes) {
        boolean qcow2 = name.endsWith(QCOW2_ENDING);
        try {
            Path file = templateFolder.resolve(name).toRealPath();
            if (!file.startsWith(templateFolder.toRealPath())) {
                notes.add(without(disk, name) + "it leads out of the template folder.");
            } else if (!Files.isRegularFile(file)) {
                notes.add(without(disk, name) + "it is not a regular file.");
            } else if (!qcow2 && looksLikeQcow2(file)) {
                notes.add(without(disk, name) + "it holds a qcow2 image, and its name does not end with " + QCOW2_ENDING
                        + ".");
            } else {
                DiskFormat format = qcow2 ? DiskFormat.QCOW2 : DiskFormat.RAW;
                return Optional.of(new DiskSeed(file, GuestDefinitions.format(format), DiskSeed.Use.COPY));
            }
        } catch (IOException e) {
            notes.add(without(disk, name) + "the template folder of this host, " + templateFolder
                    + ", has no such file that can be read.");
        }
        return Optional.empty();
    }

    private static String without(StoredDisk disk, String name) {
        return "Disk " + disk.name() + " did not begin with the template " + name + ": ";
    }

    private static boolean looksLikeQcow2(Path file) throws IOException {
        try (InputStream content = Files.newInputStream(file)) {
            return Arrays.equals(content.readNBytes(QCOW2_MAGIC.length), QCOW2_MAGIC);
        }
    }
}
