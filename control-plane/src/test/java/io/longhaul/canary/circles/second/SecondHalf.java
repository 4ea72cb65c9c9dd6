package io.longhaul.canary.circles.second;

import io.longhaul.canary.circles.first.FirstHalf;

/** Needs the first half, which needs this. */
public final class SecondHalf {

    public FirstHalf other() {
        return new FirstHalf();
    }
}
