package io.longhaul.engine.memory;

import java.util.Optional;

/** What the far side has on its disks, at the source. Thread safe; never blocks. */
public interface KnownContent {

    /**
     * Asked for each page that is not all zeros, on the sender's thread. A guess that is wrong costs a round trip for this
     * page, and nothing else.
     *
     * @param fingerprint of 4,096 bytes, as {@link ContentIndex} computes it
     */
    Optional<Location> find(long fingerprint);

    /** @param offset of 4,096 bytes, a multiple of that */
    record Location(int disk, long offset) {}
}
