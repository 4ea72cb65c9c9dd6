package io.longhaul.engine.transport;

/** Lets the writers of one link pass as its own cap and the one that it shares with others allow. Thread safe. */
final class Pace {
    private final RateLimiter own;
    private final RateLimiter shared;

    Pace(RateLimiter own, RateLimiter shared) {
        this.own = own;
        this.shared = shared;
    }

    /** Waits, and returns how many of the wanted bytes may be written. */
    long acquire(long wantedBytes) throws InterruptedException {
        long granted = own.acquire(wantedBytes);
        long shares = shared.acquire(granted);
        if (shares < granted) {
            own.giveBack(granted - shares);
        }
        return shares;
    }

    /** Counts bytes that do not wait. */
    void charge(long bytes) {
        own.charge(bytes);
        shared.charge(bytes);
    }
}
