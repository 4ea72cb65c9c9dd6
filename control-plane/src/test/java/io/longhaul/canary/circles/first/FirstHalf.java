package io.longhaul.canary.circles.first;

import io.longhaul.canary.circles.second.SecondHalf;

/** Needs the second half, which needs this. */
public final class FirstHalf {

    public SecondHalf other() {
        return new SecondHalf();
    }
}
