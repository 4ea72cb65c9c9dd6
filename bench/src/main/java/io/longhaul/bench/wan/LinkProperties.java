package io.longhaul.bench.wan;

/**
 * The link between the two hosts. Immutable.
 *
 * @param rateMegabits in each direction; 0 for no limit
 * @param lossPercent of the packets of each direction
 */
record LinkProperties(double roundTripMillis, double rateMegabits, double lossPercent) {

    /** The time that a full queue takes to drain; beyond it packets are dropped. As much as a common router has. */
    static final double QUEUE_MILLIS = 200;

    double oneWayMillis() {
        return roundTripMillis / 2;
    }
}
