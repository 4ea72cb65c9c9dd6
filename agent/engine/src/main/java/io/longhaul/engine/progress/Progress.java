package io.longhaul.engine.progress;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What the far side has and what is left, in bytes. {@code …Done} counts what was acknowledged, so consumed there, and
 * never falls. {@code …Remaining} may grow: the two {@code …PerSecond} of the guest tell why. Immutable.
 *
 * @param diskBytesDone of the disks that the far side has had at least once
 * @param memoryBytesDone of the memory stream, over all rounds
 * @param bytesPerSecond what the far side took lately
 * @param diskBytesWrittenPerSecond what the guest writes to its disks
 * @param memoryBytesDirtiedPerSecond what the guest dirties; 0 where not known
 * @param outageMillis for how long the link has been away; empty where it is there
 */
public record Progress(
        long diskBytesTotal,
        long diskBytesDone,
        long diskBytesRemaining,
        long memoryBytesTotal,
        long memoryBytesDone,
        long memoryBytesRemaining,
        int memoryRounds,
        long bytesOnWire,
        long bytesPerSecond,
        OptionalDouble roundTripMillis,
        OptionalLong forecastEndMillis,
        OptionalLong forecastDowntimeMillis,
        long diskBytesWrittenPerSecond,
        long memoryBytesDirtiedPerSecond,
        OptionalLong outageMillis,
        Forecast forecast,
        Effort effort) {

    public static final Progress NONE =
            new Progress(0, 0, 0, 0, 0, 0, 0, 0, 0, OptionalDouble.empty(), OptionalLong.empty(), OptionalLong.empty());

    /** Without what only a source that is under way knows. */
    public Progress(
            long diskBytesTotal,
            long diskBytesDone,
            long diskBytesRemaining,
            long memoryBytesTotal,
            long memoryBytesDone,
            long memoryBytesRemaining,
            int memoryRounds,
            long bytesOnWire,
            long bytesPerSecond,
            OptionalDouble roundTripMillis,
            OptionalLong forecastEndMillis,
            OptionalLong forecastDowntimeMillis) {
        this(
                diskBytesTotal,
                diskBytesDone,
                diskBytesRemaining,
                memoryBytesTotal,
                memoryBytesDone,
                memoryBytesRemaining,
                memoryRounds,
                bytesOnWire,
                bytesPerSecond,
                roundTripMillis,
                forecastEndMillis,
                forecastDowntimeMillis,
                0,
                0,
                OptionalLong.empty(),
                Forecast.NONE,
                Effort.NONE);
    }
}
