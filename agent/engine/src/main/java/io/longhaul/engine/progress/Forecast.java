package io.longhaul.engine.progress;

import java.util.OptionalLong;

/**
 * When the guest will run at the destination, and how long it will stand still. Pure.
 *
 * <p>A linear model: what is left goes at the rate seen over the last seconds, less what the guest makes dirty meanwhile. It
 * says nothing rather than guess while no rate is known or the guest writes faster than the link carries.
 *
 * @param endMillis from now until the guest runs at the destination
 * @param downtimeMillis of the switchover if it came now
 */
public record Forecast(OptionalLong endMillis, OptionalLong downtimeMillis) {
    private static final Forecast UNKNOWN = new Forecast(OptionalLong.empty(), OptionalLong.empty());
    private static final double MILLIS_PER_SECOND = 1_000;

    /**
     * @param dirtyBytesPerSecond how fast the guest makes memory dirty; 0 where not known
     * @param wireBytesPerSecond what went over the link in the last seconds
     * @param roundTripMillis NaN where not known
     */
    public static Forecast of(
            long diskRemainingBytes,
            long memoryRemainingBytes,
            long dirtyBytesPerSecond,
            long wireBytesPerSecond,
            double roundTripMillis) {
        long netBytesPerSecond = wireBytesPerSecond - dirtyBytesPerSecond;
        if (netBytesPerSecond <= 0) {
            return UNKNOWN;
        }
        double oneWayMillis = Double.isNaN(roundTripMillis) ? 0 : roundTripMillis / 2;
        double copyMillis = MILLIS_PER_SECOND * (diskRemainingBytes + memoryRemainingBytes) / netBytesPerSecond;
        double dirtyWhileOneRound = (double) dirtyBytesPerSecond * memoryRemainingBytes / wireBytesPerSecond;
        double lastRoundBytes = Math.min(memoryRemainingBytes, dirtyWhileOneRound);
        double downtime = oneWayMillis + MILLIS_PER_SECOND * lastRoundBytes / wireBytesPerSecond;
        return new Forecast(
                OptionalLong.of(Math.round(copyMillis + oneWayMillis)), OptionalLong.of(Math.round(downtime)));
    }
}
