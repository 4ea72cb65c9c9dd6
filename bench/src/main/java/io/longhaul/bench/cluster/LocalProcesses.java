package io.longhaul.bench.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Finds processes by what stands on their command lines, and ends them. Stateless. */
public final class LocalProcesses {
    private static final Path PROC = Path.of("/proc");

    private LocalProcesses() {}

    /** All processes whose command line contains the text, except this one. */
    public static List<ProcessHandle> withCommandLineContaining(String text) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .filter(process -> commandLine(process.pid()).contains(text))
                .toList();
    }

    /** QEMU and its helpers that use sockets or PID files in the folder. */
    public static List<ProcessHandle> ofSocketFolder(Path folder) {
        return withCommandLineContaining(folder + "/").stream()
                .filter(process -> program(process.pid()).startsWith("qemu-"))
                .toList();
    }

    /** The process that the PID file names, if it is still the one that the file was written for. */
    public static Optional<ProcessHandle> ofPidFile(Path pidFile) {
        try {
            long pid = Long.parseLong(Files.readString(pidFile).strip());
            return commandLine(pid).contains(pidFile.toString()) ? ProcessHandle.of(pid) : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The processes named by the PID files in a folder. */
    public static List<ProcessHandle> ofPidFiles(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".pid"))
                    .flatMap(file -> ofPidFile(file).stream())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Asks all to end, and kills those that have not ended by then. */
    public static void end(List<ProcessHandle> processes, Duration grace) {
        processes.forEach(ProcessHandle::destroy);
        if (!haveEnded(processes, grace)) {
            kill(processes);
        }
    }

    public static void kill(List<ProcessHandle> processes) {
        processes.forEach(ProcessHandle::destroyForcibly);
        if (!haveEnded(processes, Duration.ofSeconds(10))) {
            throw new ClusterException("These processes do not end although they were killed: "
                    + processes.stream()
                            .filter(ProcessHandle::isAlive)
                            .map(ProcessHandle::pid)
                            .toList());
        }
    }

    private static boolean haveEnded(List<ProcessHandle> processes, Duration deadline) {
        CompletableFuture<?>[] ends =
                processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(ends).get(deadline.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return processes.stream().noneMatch(ProcessHandle::isAlive);
        } catch (ExecutionException e) {
            throw new ClusterException("Waiting for processes to end failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException("Interrupted while waiting for processes to end", e);
        }
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(PROC.resolve(pid + "/cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // it has ended, or is another user's
        }
    }

    private static String program(long pid) {
        String[] words = commandLine(pid).split("\0", 2);
        Path name = words[0].isEmpty() ? null : Path.of(words[0]).getFileName();
        return name == null ? "" : name.toString();
    }
}
