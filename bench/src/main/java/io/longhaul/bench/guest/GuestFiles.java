package io.longhaul.bench.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What agent/testkit/guest/build makes: a kernel, an initial RAM disk, and a raw disk with an empty ext4. Immutable. */
public record GuestFiles(Path kernel, Path initrd, Path disk) {
    private static final long BUILD_MINUTES = 10;

    /** The files of a finished build. */
    public static GuestFiles in(Path folder) {
        Path absolute = folder.toAbsolutePath().normalize();
        GuestFiles files = new GuestFiles(
                absolute.resolve("vmlinuz"), absolute.resolve("initrd.gz"), absolute.resolve("disk.raw"));
        for (Path file : List.of(files.kernel, files.initrd, files.disk)) {
            if (!Files.isRegularFile(file)) {
                throw new IllegalStateException(
                        file + " is not there; agent/testkit/guest/build " + folder + " makes it");
            }
        }
        return files;
    }

    /** With a disk of the build's own size. */
    public static GuestFiles build(Path checkout, Path folder, Path log) {
        return build(checkout, folder, log, List.of());
    }

    /**
     * Runs the build script, which has most of its work cached after the first time.
     *
     * @param options of that script
     */
    public static GuestFiles build(Path checkout, Path folder, Path log, List<String> options) {
        Path script = checkout.resolve("agent/testkit/guest/build");
        try {
            List<String> command = new ArrayList<>(List.of(script.toString()));
            command.addAll(options);
            command.add(folder.toString());
            Process build = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (!build.waitFor(BUILD_MINUTES, TimeUnit.MINUTES)) {
                build.destroyForcibly();
                throw new IllegalStateException("The guest was not built within " + BUILD_MINUTES + " minutes: " + log);
            }
            if (build.exitValue() != 0) {
                throw new IllegalStateException(
                        "The guest could not be built (" + log + "):\n" + Files.readString(log));
            }
            return in(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(script + " could not be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while the guest was built", e);
        }
    }
}
