package io.longhaul.bench.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One of our servers as a process; can be killed and started again. Thread safe. */
public final class ServerProcess {
    private final ServerCommand command;
    private @Nullable Process process;

    ServerProcess(ServerCommand command) {
        this.command = command;
    }

    public String name() {
        return command.name();
    }

    public synchronized void start() {
        if (isAlive()) {
            return;
        }
        try {
            Files.createDirectories(command.log().getParent());
            Files.createDirectories(command.pidFile().getParent());
            Process started = new ProcessBuilder(command.command())
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(command.log().toFile()))
                    .start();
            process = started;
            Files.writeString(command.pidFile(), Long.toString(started.pid()));
        } catch (IOException e) {
            throw new ClusterException("The " + name() + " could not be started: " + e.getMessage(), e);
        }
    }

    public synchronized boolean isAlive() {
        return process != null && process.isAlive();
    }

    public synchronized long pid() {
        if (process == null) {
            throw new IllegalStateException(name() + " was never started");
        }
        return process.pid();
    }

    /** Asks the server to end, and kills it if it has not by then. */
    public synchronized void stop(Duration grace) {
        askToEnd();
        awaitEnd(grace);
    }

    synchronized void askToEnd() {
        if (process != null) {
            process.destroy();
        }
    }

    synchronized void awaitEnd(Duration grace) {
        if (process != null) {
            LocalProcesses.end(List.of(process.toHandle()), grace);
            forgetPid();
        }
    }

    /** As a crash would, or a power cut: nothing in the server runs any more. */
    public synchronized void kill() {
        if (process != null) {
            LocalProcesses.kill(List.of(process.toHandle()));
            forgetPid();
        }
    }

    private void forgetPid() {
        try {
            Files.deleteIfExists(command.pidFile());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot remove " + command.pidFile() + ": " + e.getMessage(), e);
        }
    }

    /** Waits for the server's end, but no longer than this. */
    synchronized boolean endsWithin(Duration pause) {
        try {
            return process == null || process.waitFor(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException("Interrupted while waiting for the " + name(), e);
        }
    }

    /** The last lines that the server printed. */
    public String logTail(int lines) {
        try {
            List<String> all = Files.readAllLines(command.log(), StandardCharsets.UTF_8);
            List<String> last = all.subList(Math.max(0, all.size() - lines), all.size());
            return "---- " + command.log() + "\n" + String.join("\n", last);
        } catch (IOException e) {
            return "---- " + command.log() + " cannot be read: " + e.getMessage();
        }
    }
}
