package io.longhaul.controlplane.completion;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.api.agent.model.DiskDigest;
import io.longhaul.api.agent.model.SideMeasurements;
import io.longhaul.api.model.MigrationState;
import io.longhaul.api.model.Receipt;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReceiptsTest {

    private final SideMeasurements source = new SideMeasurements();
    private final SideMeasurements destination = new SideMeasurements();
    private Set<String> disks = Set.of("root");

    @Test
    void tellsTheDowntimeByOneClock() {
        source.guestPausedAtMillis(1_000L).peerClockOffsetMillis(5_000.0);
        destination.guestRunningAtMillis(6_120L);
        assertThat(receipt().getDowntimeMillis()).isEqualTo(120);
        source.peerClockOffsetMillis(null);
        destination.peerClockOffsetMillis(-5_000.0);
        assertThat(receipt().getDowntimeMillis()).isEqualTo(120);
        source.peerClockOffsetMillis(6_000.0);
        assertThat(receipt().getDowntimeMillis()).isZero();
    }

    @Test
    void takesTheLongestGapOfTheGuestsTicks() {
        source.lastTickAtMillis(1_000L).longestTickGapMillis(90L).peerClockOffsetMillis(0.0);
        destination.firstTickAtMillis(1_200L).longestTickGapMillis(40L);
        assertThat(receipt().getGuestDowntimeMillis()).isEqualTo(200);
        destination.longestTickGapMillis(300L);
        assertThat(receipt().getGuestDowntimeMillis()).isEqualTo(300);
    }

    @Test
    void leavesOutWhatWasNotMeasured() {
        source.longestTickGapMillis(90L).guestPausedAtMillis(1_000L);
        destination.guestRunningAtMillis(1_100L);
        Receipt receipt = receipt();
        assertThat(receipt.getDowntimeMillis()).as("clocks not compared").isNull();
        assertThat(receipt.getGuestDowntimeMillis())
                .as("the gap across is not known")
                .isNull();
        assertThat(receipt.getDisksIdentical()).isNull();
        assertThat(receipt.getGuestHealthy()).isNull();
        assertThat(receipt.getBytesOnWire()).isNull();
    }

    @Test
    void callsDisksIdenticalOnlyWhereEveryDigestIsThereAndEqual() {
        source.addDiskDigestsItem(new DiskDigest("root", 512L, "aa"));
        assertThat(receipt().getDisksIdentical()).isNull();
        destination.addDiskDigestsItem(new DiskDigest("root", 512L, "aa"));
        assertThat(receipt().getDisksIdentical()).isTrue();
        disks = Set.of("root", "data");
        assertThat(receipt().getDisksIdentical()).as("nobody looked at data").isNull();
        assertThat(Receipts.disksProvenIdentical(receipt())).isFalse();
        source.addDiskDigestsItem(new DiskDigest("data", 512L, "bb"));
        destination.addDiskDigestsItem(new DiskDigest("data", 1_024L, "bb"));
        assertThat(receipt().getDisksIdentical()).as("sizes differ").isFalse();
    }

    @Test
    void saysWhatWasAtTheDestinationAlready() {
        source.diskBytesMatched(4_096L);
        destination.addNotesItem("Disk root begins with a copy of a template.");
        assertThat(receipt().getDiskBytesMatched()).isEqualTo(4_096);
        assertThat(receipt().getNotes()).containsExactly("Disk root begins with a copy of a template.");
    }

    private Receipt receipt() {
        return Receipts.receipt(new Outcome(
                "mig-1", MigrationState.COMPLETED, "a", "b", Duration.ofSeconds(9), disks, source, destination));
    }
}
