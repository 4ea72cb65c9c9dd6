package io.longhaul.agent.vms;

import java.nio.file.Path;
import java.util.Set;

/** The files that more than the recorded machines need, such as those of machines that are arriving. Any thread. */
public interface FilesInUse {

    Set<Path> disks();

    /** Names of boot files in the store. */
    Set<String> bootFiles();
}
