package io.longhaul.hypervisor.qemu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A program that is run to its end. Stateless; blocks its caller. */
final class Tool {
    /** More than any of the programs says; a program that goes wild does not fill the heap. */
    private static final int MOST_OUTPUT_BYTES = 4 << 20;

    /** How often a long run is asked whether it is still wanted. */
    private static final long LOOK_MILLIS = 200;

    /** A process that was killed ends at once, unless its storage does not answer. */
    private static final int KILLED_SECONDS = 5;

    private Tool() {}

    /** It was ended before it could say how its work went. */
    static final class UnfinishedException extends IOException {
        private static final long serialVersionUID = 1L;

        UnfinishedException(String message) {
            super(message);
        }
    }

    /**
     * Runs it with its output in a file of its own, because a daemon it leaves behind would keep a pipe open.
     *
     * @return how it ended
     * @throws UnfinishedException where it did not end in time
     * @throws IOException where it could not be started
     */
    static Ending run(List<String> command, Path output, Duration deadline) throws IOException {
        return run(command, output, deadline, () -> true);
    }

    private static Ending run(List<String> command, Path output, Duration deadline, BooleanSupplier wanted)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Process process = builder.start();
        if (!waitFor(process, deadline, wanted)) {
            kill(process);
            if (!wanted.getAsBoolean()) {
                throw new UnfinishedException(command.get(0) + " was ended, for nobody wants what it makes any more");
            }
            throw new UnfinishedException(
                    command.get(0) + " did not end within " + deadline + "; it said: " + tail(output));
        }
        return new Ending(process.exitValue(), tail(output));
    }

    /** Runs it with its output in a file that is gone afterwards. */
    static Ending run(List<String> command, ToolFolder folder, Duration deadline) throws IOException {
        return run(command, folder, deadline, () -> true);
    }

    /** As the other, and given up once it is not wanted any more. */
    static Ending run(List<String> command, ToolFolder folder, Duration deadline, BooleanSupplier wanted)
            throws IOException {
        Path output = folder.newFile(".out");
        try {
            return run(command, output, deadline, wanted);
        } finally {
            Files.deleteIfExists(output);
        }
    }

    private static boolean waitFor(Process process, Duration deadline, BooleanSupplier wanted)
            throws UnfinishedException {
        try {
            long left = deadline.toMillis();
            while (left > 0 && wanted.getAsBoolean()) {
                if (process.waitFor(Math.min(left, LOOK_MILLIS), TimeUnit.MILLISECONDS)) {
                    return true;
                }
                left -= LOOK_MILLIS;
            }
            return false;
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw interrupted();
        }
    }

    /** Waits until it is gone: what it was making is about to be removed, or made again. */
    private static void kill(Process process) throws UnfinishedException {
        try {
            var unused = process.destroyForcibly().waitFor(KILLED_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static UnfinishedException interrupted() {
        Thread.currentThread().interrupt();
        return new UnfinishedException("interrupted");
    }

    private static String tail(Path output) throws IOException {
        try (var input = Files.newInputStream(output)) {
            return new String(input.readNBytes(MOST_OUTPUT_BYTES), StandardCharsets.UTF_8).strip();
        }
    }

    record Ending(int exitCode, String output) {
        boolean succeeded() {
            return exitCode == 0;
        }
    }
}
