package io.longhaul.agent.inventory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads what the kernel tells of processors and memory. Thread safe; has no state of its own. */
public final class ProcFiles {
    private static final long KIBIBYTE = 1024;

    private final Path folder;

    /** @param folder where /proc is mounted */
    public ProcFiles(Path folder) {
        this.folder = folder;
    }

    Processor processor() {
        List<String> lines = lines("cpuinfo");
        String flags = first(lines, "flags");
        return new Processor(
                first(lines, "model name"),
                (int) lines.stream()
                        .filter(line -> line.startsWith("processor"))
                        .count(),
                flags.isEmpty() ? List.of() : List.of(flags.split(" +")));
    }

    Memory memory() {
        List<String> lines = lines("meminfo");
        return new Memory(kibibytes(lines, "MemTotal") * KIBIBYTE, kibibytes(lines, "MemAvailable") * KIBIBYTE);
    }

    private static long kibibytes(List<String> lines, String key) {
        String value = first(lines, key).replace(" kB", "");
        return value.isEmpty() ? 0 : Long.parseLong(value);
    }

    private static String first(List<String> lines, String key) {
        return lines.stream()
                .filter(line -> line.startsWith(key))
                .filter(line -> line.substring(0, Math.max(0, line.indexOf(':')))
                        .strip()
                        .equals(key))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("");
    }

    private List<String> lines(String name) {
        try {
            return Files.readAllLines(folder.resolve(name), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + folder.resolve(name) + ": " + e.getMessage(), e);
        }
    }

    record Processor(String model, int threads, List<String> flags) {}

    record Memory(long totalBytes, long availableBytes) {}
}
