package io.longhaul.hypervisor.qemu;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Files that are needed for as long as a program runs. They are in a folder of the agent's own, so that what an agent
 * that was killed has left is found by the next one. Thread safe: has no state but the folder.
 */
final class ToolFolder {
    private final Path folder;

    ToolFolder(QemuSettings settings) {
        this.folder = settings.socketFolder().resolve("tools");
    }

    /** Call at the start, while no program runs. */
    void empty() throws IOException {
        make();
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder)) {
            for (Path file : left) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** An empty file, which the caller deletes. */
    Path newFile(String suffix) throws IOException {
        make();
        return Files.createTempFile(folder, "", suffix);
    }

    private void make() throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
}
