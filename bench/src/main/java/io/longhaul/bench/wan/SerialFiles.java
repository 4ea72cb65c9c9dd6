package io.longhaul.bench.wan;

import io.longhaul.bench.cluster.ClusterSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where the agents keep what one guest says: a new file at each arrival. Immutable. */
record SerialFiles(ClusterSettings settings, UUID vmId) {

    /** Follows the next file that the guest's agent on this host makes; none of those that are there. */
    SerialLog follow(String host) {
        Path folder = settings.hostFolder(host).resolve("serial");
        Set<Path> before = files(folder);
        return SerialLog.follow(() ->
                files(folder).stream().filter(file -> !before.contains(file)).findAny());
    }

    private Set<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Set.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(vmId + "."))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list " + folder + ": " + e.getMessage(), e);
        }
    }
}
