package io.longhaul.engine.hypervisor;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What the disks of an arriving machine began with. Immutable.
 *
 * @param takenOver by the disk's name, the name that its file had before it was taken over
 * @param notes what was used and what could not be, a sentence each, for whoever asked for the move
 */
public record DiskBeginnings(Map<String, Path> takenOver, List<String> notes) {
    public static final DiskBeginnings NONE = new DiskBeginnings(Map.of(), List.of());

    public DiskBeginnings {
        takenOver = Map.copyOf(takenOver);
        notes = List.copyOf(notes);
    }
}
