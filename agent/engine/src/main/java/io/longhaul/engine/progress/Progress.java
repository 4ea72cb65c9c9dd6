package io.longhaul.engine.progress;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/** What the far side has and what is left, in bytes. {@code …Done} never falls. Immutable. */
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
        OptionalLong forecastDowntimeMillis) {

    public static final Progress NONE =
            new Progress(0, 0, 0, 0, 0, 0, 0, 0, 0, OptionalDouble.empty(), OptionalLong.empty(), OptionalLong.empty());
}
