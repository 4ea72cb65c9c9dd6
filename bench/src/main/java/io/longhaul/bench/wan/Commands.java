package io.longhaul.bench.wan;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Short commands of the system. Stateless. */
final class Commands {
    private static final long PATIENCE_SECONDS = 60;

    /**
     * @param status exit status
     * @param output of both kinds
     */
    record Outcome(int status, String output) {}

    private Commands() {}

    /** Returns what the command printed. */
    static String run(List<String> command) {
        Outcome outcome = attempt(command);
        if (outcome.status() != 0) {
            throw new WanException("`" + String.join(" ", command) + "` failed with " + outcome.status() + ": "
                    + outcome.output().strip());
        }
        return outcome.output();
    }

    static String run(String... command) {
        return run(List.of(command));
    }

    static Outcome attempt(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new WanException("`" + String.join(" ", command) + "` does not end");
            }
            return new Outcome(process.exitValue(), output);
        } catch (IOException e) {
            throw new WanException("`" + String.join(" ", command) + "` could not be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WanException("Interrupted during `" + String.join(" ", command) + "`", e);
        }
    }
}
