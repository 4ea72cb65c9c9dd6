package io.longhaul.bench.tour;

import io.longhaul.client.model.Migration;
import io.longhaul.client.model.MigrationProgress;
import io.longhaul.client.model.MigrationState;
import io.longhaul.client.model.Receipt;

/** Migrations as the API would give them. */
final class SampleMigrations {
    private SampleMigrations() {}

    static Migration queued() {
        return new Migration()
                .id("m-1")
                .source("host-a")
                .destination("host-b")
                .state(MigrationState.QUEUED)
                .waitingFor("a free place on host-b");
    }

    static Migration copyingDisks() {
        return queued().state(MigrationState.COPYING_DISKS)
                .waitingFor(null)
                .progress(new MigrationProgress()
                        .diskBytesTotal(1L << 30)
                        .diskBytesDone(768L << 20)
                        .diskBytesRemaining(256L << 20)
                        .memoryBytesTotal(256L << 20)
                        .memoryBytesDone(0L)
                        .memoryBytesRemaining(256L << 20)
                        .bytesOnWire(70L << 20)
                        .bytesPerSecond(35L << 20)
                        .roundTripMillis(0.4)
                        .forecastEndMillis(7_500L)
                        .forecastDowntimeMillis(180L));
    }

    static Receipt goodReceipt() {
        return new Receipt()
                .migrationId("m-1")
                .state(MigrationState.COMPLETED)
                .source("host-a")
                .destination("host-b")
                .durationMillis(9_000L)
                .downtimeMillis(150L)
                .guestDowntimeMillis(170L)
                .bytesOnWire(200L << 20)
                .diskBytes(66L << 20)
                .memoryBytes(130L << 20)
                .disksIdentical(true)
                .guestHealthy(true);
    }
}
