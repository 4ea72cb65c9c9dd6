package io.longhaul.engine.hypervisor;

import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import java.nio.file.Path;

/**
 * A file of the destination's host that a new disk may begin with. Only an offer: what the disk then holds is compared with
 * the source's before it counts, so a wrong one costs time and nothing else. Immutable.
 *
 * @param file stands alone: an image that refers to another file is not used
 * @param format never guessed from what is in the file
 */
public record DiskSeed(Path file, DiskFormat format, Use use) {

    /** What becomes of the file. */
    public enum Use {
        /** Its content is copied; the file is only read. */
        COPY,
        /** It becomes the disk's file and is overwritten. Only where format and size are the disk's. */
        TAKE_OVER
    }
}
