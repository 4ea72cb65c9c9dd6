package io.longhaul.engine.session;

import java.io.File;
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
        // Not by way of its mount point, which cannot be found where the root was changed.
        File file = folder.toFile();
        return (file.getTotalSpace() == 0 ? "an unknown number of" : String.valueOf(file.getUsableSpace()))
                + " bytes free";
    }
}
