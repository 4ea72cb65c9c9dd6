package io.longhaul.controlplane.progress;

import io.longhaul.api.model.MigrationProgress;
import org.jspecify.annotations.Nullable;

/** Joins what is known of a migration's progress with a newer report. Pure. */
public final class ProgressMerge {

    private ProgressMerge() {}

    /** What was done never falls, whatever order reports arrive in or however often an agent restarts. */
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
                .memoryRounds(most(known.getMemoryRounds(), newer.getMemoryRounds()))
                .pagesSent(most(known.getPagesSent(), newer.getPagesSent()))
                .pagesReferenced(most(known.getPagesReferenced(), newer.getPagesReferenced()))
                .pagesHeldBack(most(known.getPagesHeldBack(), newer.getPagesHeldBack()))
                .pagesSuperseded(most(known.getPagesSuperseded(), newer.getPagesSuperseded()))
                .bytesResent(most(known.getBytesResent(), newer.getBytesResent()))
                .reconnects(most(known.getReconnects(), newer.getReconnects()))
                .outages(most(known.getOutages(), newer.getOutages()))
                .diskBytesMatched(most(known.getDiskBytesMatched(), newer.getDiskBytesMatched()))
                .outageMillis(most(known.getOutageMillis(), newer.getOutageMillis()))
                .memoryRevision(
                        newer.getMemoryRevision() == null ? known.getMemoryRevision() : newer.getMemoryRevision())
                .pagesChangedPerSecond(newer.getPagesChangedPerSecond())
                .diskBytesWrittenPerSecond(newer.getDiskBytesWrittenPerSecond())
                .memoryBytesDirtiedPerSecond(newer.getMemoryBytesDirtiedPerSecond())
                .staleSince(newer.getStaleSince())
                .linkAwayMillis(newer.getLinkAwayMillis())
                .connectionsOpen(newer.getConnectionsOpen())
                .roundTripMillis(newer.getRoundTripMillis())
                .forecastEndMillis(newer.getForecastEndMillis())
                .forecastDowntimeMillis(newer.getForecastDowntimeMillis())
                .forecastEndRange(newer.getForecastEndRange())
                .forecastDowntimeRange(newer.getForecastDowntimeRange())
                .forecastReason(newer.getForecastReason());
    }

    /** Absent where neither side of the comparison has it. */
    private static <T extends Comparable<T>> @Nullable T most(@Nullable T one, @Nullable T other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.compareTo(other) >= 0 ? one : other;
    }
}
