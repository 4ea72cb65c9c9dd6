package io.longhaul.engine.memory;

/** Advances the {@link Revision}. Owned by the sender's thread, but for the policy's changes, which any may tell. */
final class RevisionClock {
    /** A shorter round says more about how bytes come from a socket than about the guest. */
    private static final long TELLING_NANOS = 50_000_000;

    private static final double NANOS_PER_SECOND = 1e9;

    private final long release;
    private volatile int features;
    private int generation;
    private long corrections;
    private long sinceTold;
    private long toldNanos;
    private double perSecond;

    RevisionClock(long releaseMillis, long nowNanos) {
        release = releaseMillis;
        toldNanos = nowNanos;
    }

    void round(long nowNanos) {
        sinceTold += corrections;
        if (generation > 1 && nowNanos - toldNanos >= TELLING_NANOS) {
            perSecond = sinceTold * NANOS_PER_SECOND / (nowNanos - toldNanos);
        }
        if (generation <= 1 || nowNanos - toldNanos >= TELLING_NANOS) {
            // What came in the first round had not changed, it was only never sent before.
            sinceTold = 0;
            toldNanos = nowNanos;
        }
        generation++;
        corrections = 0;
    }

    void page() {
        corrections++;
    }

    synchronized void policyChanged() {
        features = features + 1;
    }

    int generation() {
        return generation;
    }

    Revision revision() {
        return new Revision(release, generation, features, corrections, perSecond);
    }
}
