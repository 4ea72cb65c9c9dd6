package io.longhaul.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DiskCopyTest {
    private static final int REGION = RegionMap.REGION_BYTES;

    private final DiskCopy copy = new DiskCopy(2L * REGION, new DiskSenderSettings(1 << 20, 0, false));

    @Test
    void whatHasDepartedRemainsWhileTheMoverWaitsForTheWindow() {
        List<Span> spans = departed();
        assertThat(copy.remainingBytes()).isEqualTo(2 * REGION);
        assertThat(copy.isInSync()).isFalse();
        copy.handed(0, new Flights.Flight(spans.get(0), 2 * REGION, null));
        assertThat(copy.remainingBytes()).as("not acknowledged").isEqualTo(2 * REGION);
        copy.acknowledged(0);
        assertThat(copy.isInSync()).isTrue();
    }

    @Test
    void whatTheStreamRefusesRemainsOnce() {
        copy.handed(0, new Flights.Flight(departed().get(0), 2 * REGION, null));
        copy.acknowledged(0);
        ByteBuffer written = ByteBuffer.allocate(REGION).put(0, (byte) 1);
        List<Span> spans = copy.written(0, written);
        assertThat(copy.remainingBytes()).isEqualTo(REGION);
        copy.refused(spans.get(0), written);
        assertThat(copy.remainingBytes()).isEqualTo(REGION);
    }

    private List<Span> departed() {
        DiskCopy.Run run = copy.take(copy.nextWaiting(), 2);
        return copy.depart(run.first(), run.count(), false);
    }
}
