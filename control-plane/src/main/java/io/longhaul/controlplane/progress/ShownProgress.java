package io.longhaul.controlplane.progress;

import io.longhaul.api.model.MigrationProgress;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;

/** Leaves out of a migration's last figures what is not true any more. Pure: what it is given stays as it is. */
public final class ShownProgress {

    private ShownProgress() {}

    /** The source has said nothing for long: its figures are old, and nothing follows from them. */
    public static MigrationProgress silent(MigrationProgress last, String source, OffsetDateTime since) {
        return ending(last)
                .staleSince(since)
                .forecastReason("Nothing was heard of " + source + " since "
                        + since.toInstant().truncatedTo(ChronoUnit.SECONDS) + "; these are its last figures");
    }

    /** What was done stays; there is no link any more, and nothing goes over it. */
    public static MigrationProgress ended(MigrationProgress last) {
        return ending(last)
                .linkAwayMillis(null)
                .connectionsOpen(null)
                .diskBytesWrittenPerSecond(null)
                .memoryBytesDirtiedPerSecond(null)
                .bytesPerSecond(0L);
    }

    /** It is being undone, or the guest is at the destination: what was forecast will not come, or has come. */
    public static MigrationProgress ending(MigrationProgress last) {
        // Joined with itself it is a copy.
        return ProgressMerge.merge(last, last)
                .forecastEndMillis(null)
                .forecastDowntimeMillis(null)
                .forecastEndRange(null)
                .forecastDowntimeRange(null)
                .forecastReason(null);
    }
}
