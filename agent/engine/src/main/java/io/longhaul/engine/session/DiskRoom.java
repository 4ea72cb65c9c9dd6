package io.longhaul.engine.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Where a disk is and how much is free there, for people. Stateless; asks the file system. */
final class DiskRoom {
    private DiskRoom() {}

    static String words(Path disk) {
        Path folder = Objects.requireNonNull(disk.toAbsolutePath().getParent(), "a disk is a file in a folder");
        return free(folder) + " in the pool " + folder + ", where " + disk.getFileName() + " is";
    }

    private static String free(Path folder) {
        try {
            return Files.getFileStore(folder).getUsableSpace() + " bytes free";
        } catch (IOException e) {
            return "an unknown number of bytes free";
        }
    }
}
