package io.longhaul.engine.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs that others wrote, each with a deadline. Owned by the test's thread; closing it ends what still runs. */
final class Tools implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final Path folder;
    private final List<ProcessHandle> daemons = new ArrayList<>();
    private int runs;

    /** @param folder for their output and process numbers */
    Tools(Path folder) {
        this.folder = folder;
    }

    record Outcome(int status, String output) {}

    /** What it printed; fails where it ends with anything but 0. */
    String run(String... command) {
        Outcome outcome = attempt(command);
        assertThat(outcome.status())
                .as("%s said: %s", String.join(" ", command), outcome.output())
                .isZero();
        return outcome.output();
    }

    /** Output goes to a file, because a daemon that keeps a pipe open would never let a reader end. */
    Outcome attempt(String... command) {
        Path output = folder.resolve("output-" + runs++);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(String.join(" ", command) + " did not end in " + DEADLINE.toSeconds()
                        + " s and said: " + Files.readString(output));
            }
            return new Outcome(process.exitValue(), Files.readString(output));
        } catch (IOException e) {
            throw new AssertionError(command[0] + " is needed for this test (.ci/install --tests)", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted during " + command[0], e);
        }
    }

    /**
     * Starts a server that goes to the background when it can be connected to, and that writes its process number to a
     * file in the folder, before that or soon after.
     */
    ProcessHandle daemon(Path processNumber, String... command) {
        try (WatchService changes = folder.getFileSystem().newWatchService()) {
            folder.register(changes, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
            run(command);
            long deadline = System.nanoTime() + DEADLINE.toNanos();
            while (!Files.exists(processNumber)
                    || !Files.readString(processNumber).endsWith("\n")) {
                WatchKey change = changes.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (change == null) {
                    throw new AssertionError(command[0] + " has not said its process number");
                }
                change.pollEvents();
                change.reset();
            }
            long number = Long.parseLong(Files.readString(processNumber).strip());
            ProcessHandle daemon = ProcessHandle.of(number).orElseThrow();
            daemons.add(daemon);
            return daemon;
        } catch (IOException e) {
            throw new AssertionError("the process number of " + command[0] + " cannot be read", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while " + command[0] + " started", e);
        }
    }

    /** Ends it as a crash would. It is not waited for: Java looks at processes that are no children only now and then. */
    static void kill(ProcessHandle daemon) {
        daemon.destroyForcibly();
    }

    @Override
    public void close() {
        daemons.stream().filter(ProcessHandle::isAlive).forEach(Tools::kill);
    }
}
