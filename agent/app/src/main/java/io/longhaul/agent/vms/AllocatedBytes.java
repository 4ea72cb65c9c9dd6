package io.longhaul.agent.vms;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What files take on their file system. Java cannot ask for that, so `stat` is. Thread safe; blocks for one short
 * process for all files.
 */
public final class AllocatedBytes {
    private static final Logger LOG = LoggerFactory.getLogger(AllocatedBytes.class);
    private static final int DEADLINE_SECONDS = 5;

    /** Bytes by file, of the files there are. Falls back to the length where stat does not answer. */
    public Map<Path, Long> of(List<Path> files) {
        List<Path> present = files.stream().filter(Files::isRegularFile).toList();
        if (present.isEmpty()) {
            return Map.of();
        }
        Map<Path, Long> bytes = new HashMap<>();
        present.forEach(file -> bytes.put(file, length(file)));
        try {
            List<String> lines = stat(present);
            for (int index = 0; index < Math.min(lines.size(), present.size()); index++) {
                String[] blocksAndSize = lines.get(index).split(" ");
                bytes.put(present.get(index), Long.parseLong(blocksAndSize[0]) * Long.parseLong(blocksAndSize[1]));
            }
        } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
            LOG.debug("stat did not tell what files take: {}", e.toString());
        }
        return bytes;
    }

    private static List<String> stat(List<Path> files) throws IOException {
        List<String> command = new ArrayList<>(List.of("stat", "--format=%b %B", "--"));
        files.forEach(file -> command.add(file.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var reader = process.inputReader(StandardCharsets.UTF_8)) {
            // Waiting comes first, for a read has no deadline; a pipe holds the answers for some thousand files.
            if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("stat failed");
            }
            return reader.lines().toList();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static long length(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }
}
