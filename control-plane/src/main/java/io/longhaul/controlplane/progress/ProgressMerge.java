package io.longhaul.controlplane.progress;

import io.longhaul.api.model.MigrationProgress;
import org.jspecify.annotations.Nullable;

/** Joins what is known of a migration's progress with a newer report. Pure. */
public final class ProgressMerge {

    private ProgressMerge() {}

    /** Done and bytes on the wire never fall, whatever order reports arrive in or however often an agent restarts. */
    public static MigrationProgress merge(@Nullable MigrationProgress known, MigrationProgress newer) {
        if (known == null) {
            return newer;
        }
        return new MigrationProgress(
                        newer.getDiskBytesTotal(),
                        Math.max(known.getDiskBytesDone(), newer.getDiskBytesDone()),
                        newer.getDiskBytesRemaining(),
                        newer.getMemoryBytesTotal(),
                        Math.max(known.getMemoryBytesDone(), newer.getMemoryBytesDone()),
                        newer.getMemoryBytesRemaining(),
                        Math.max(known.getBytesOnWire(), newer.getBytesOnWire()),
                        newer.getBytesPerSecond())
                .memoryRounds(newer.getMemoryRounds())
                .roundTripMillis(newer.getRoundTripMillis())
                .forecastEndMillis(newer.getForecastEndMillis())
                .forecastDowntimeMillis(newer.getForecastDowntimeMillis());
    }
}
