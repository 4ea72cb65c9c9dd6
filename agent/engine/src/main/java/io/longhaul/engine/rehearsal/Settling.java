package io.longhaul.engine.rehearsal;

/**
 * Says when a transfer gets no faster. Owned by one thread.
 *
 * <p>What is compiled shows late and in steps, and other work on the machine makes single slices slow: so the best of the
 * newest slices is compared with the best of all before them.
 */
final class Settling {
    private static final int NEWEST = 4;
    private static final int SLICES_AT_LEAST = 2 * NEWEST;
    private static final double FASTER = 1.05;

    private final double[] newest = new double[NEWEST];
    private int slices;
    private double first;
    private double bestBefore;

    void slice(double bytesPerSecond) {
        if (slices == 0) {
            first = bytesPerSecond;
        }
        int place = slices % NEWEST;
        if (slices >= NEWEST) {
            bestBefore = Math.max(bestBefore, newest[place]);
        }
        newest[place] = bytesPerSecond;
        slices++;
    }

    boolean isSettled() {
        return slices >= SLICES_AT_LEAST && bestOfNewest() <= bestBefore * FASTER;
    }

    double first() {
        return first;
    }

    double bestOfNewest() {
        double best = 0;
        for (double each : newest) {
            best = Math.max(best, each);
        }
        return best;
    }
}
