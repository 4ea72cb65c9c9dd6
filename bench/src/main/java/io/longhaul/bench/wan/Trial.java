package io.longhaul.bench.wan;

import java.time.Duration;
import java.util.Optional;

/**
 * One move to be made and measured. Immutable.
 *
 * @param run counts from 1, and makes names different
 * @param after how long the guest is watched at the destination
 */
record Trial(WanOptions options, WorkGuest guest, int run, Optional<LinkCut> cut, Duration after) {

    Trial withoutCut() {
        return new Trial(options, guest, run, Optional.empty(), after);
    }
}
