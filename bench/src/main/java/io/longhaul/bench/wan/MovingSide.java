package io.longhaul.bench.wan;

/** One of the two ways to move the guest. Owned by the benchmark's thread. */
interface MovingSide {

    /** Starts a fresh guest on host a, lets it work, moves it to host b, and removes it. */
    Measurement move(Trial trial);
}
