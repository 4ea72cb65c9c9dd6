package io.longhaul.bench.wan;

import io.longhaul.bench.cluster.ClusterSettings;
import io.longhaul.bench.cluster.Folders;
import io.longhaul.bench.cluster.HostSettings;
import io.longhaul.bench.cluster.LonghaulCluster;
import io.longhaul.bench.cluster.ProgramJars;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where one benchmark keeps disks, logs and servers' data: a folder with its process in the name. Immutable. */
record WorkFolder(Path folder, boolean keep) implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("wan-(\\d{1,10})");

    /** Makes it, and ends and removes what benchmarks that were killed have left. */
    static WorkFolder make(Path checkout, boolean keep) {
        Path all = checkout.resolve(".longhaul");
        Folders.make(all);
        removeLeftovers(all);
        Path folder = all.resolve("wan-" + ProcessHandle.current().pid());
        Folders.remove(folder);
        Folders.make(folder);
        return new WorkFolder(folder, keep);
    }

    private static void removeLeftovers(Path all) {
        try (Stream<Path> folders = Files.list(all)) {
            folders.filter(folder -> isOfDead(folder)).toList().forEach(WorkFolder::removeLeftover);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list " + all + ": " + e.getMessage(), e);
        }
    }

    private static boolean isOfDead(Path folder) {
        OptionalLong owner = owner(String.valueOf(folder.getFileName()));
        return owner.isPresent() && ProcessHandle.of(owner.getAsLong()).isEmpty();
    }

    static OptionalLong owner(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
    }

    /** The agents and guests are ended with their namespaces, the control plane here. */
    private static void removeLeftover(Path folder) {
        ProgramJars none = new ProgramJars(folder, folder);
        List<HostSettings> hosts = List.of();
        try (LonghaulCluster cluster = new LonghaulCluster(new ClusterSettings(none, folder, 1, Map.of(), hosts))) {
            cluster.endLeftovers();
        }
        Folders.remove(folder);
    }

    WorkFolder keeping() {
        return new WorkFolder(folder, true);
    }

    /** Where it is after close() if it is kept. */
    Path kept() {
        return folder.resolveSibling("kept-" + folder.getFileName());
    }

    /** Empties it; where it is kept, what was in it goes beside it under this number. */
    void startOver(int number) {
        putAway(kept().resolveSibling(kept().getFileName() + "-" + number));
        Folders.make(folder);
    }

    @Override
    public void close() {
        putAway(kept());
    }

    /** What is kept gets another name, so that the next one does not take it for a leftover. */
    private void putAway(Path kept) {
        if (keep) {
            Commands.attempt(List.of("mv", folder.toString(), kept.toString()));
        } else {
            Folders.remove(folder);
        }
    }
}
