package io.longhaul.bench.wan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GuestStoryTest {
    private static final long MILLI = 1_000_000;
    private static final long FIRST_BYTE = 20_000 * MILLI;

    @Test
    void totalGoesFromTheFirstByteToTheFirstTickAtTheDestination() {
        Measurement measured =
                story(source(20_000, 25_000), destination(25_240, 30_000)).measure();
        assertThat(measured.converged()).isTrue();
        assertThat(measured.figure(Figure.TOTAL_MILLIS)).contains(5_240.0);
    }

    @Test
    void downtimeIsTheLongestGapAroundTheSwitchover() {
        List<GuestEntry> destination = destination(25_240, 30_000);
        assertThat(story(source(20_000, 25_000), destination).measure().figure(Figure.GUEST_DOWNTIME_MILLIS))
                .contains(240.0);
        // A stall right after the switchover is felt as well; one long after it is none of the move's doing.
        destination.removeIf(entry -> entry.atNanos() > 25_600 * MILLI && entry.atNanos() < 26_000 * MILLI);
        destination.removeIf(entry -> entry.atNanos() > 27_000 * MILLI && entry.atNanos() < 29_000 * MILLI);
        assertThat(story(source(20_000, 25_000), destination).measure().figure(Figure.GUEST_DOWNTIME_MILLIS))
                .contains(400.0);
    }

    @Test
    void writesBeforeDuringAndAfterAreKeptApart() {
        List<GuestEntry> source = source(20_000, 25_000);
        second(source, 15_000, 20, 4);
        second(source, 20_400, 20, 4);
        second(source, 21_400, 10, 80);
        List<GuestEntry> destination = destination(25_240, 30_000);
        second(destination, 25_900, 12, 90);
        second(destination, 26_900, 20, 6);
        Measurement measured = story(source, destination).measure();
        assertThat(measured.figure(Figure.WRITE_P99_BEFORE_MILLIS)).contains(4.0);
        assertThat(measured.figure(Figure.WRITE_P50_DURING_MILLIS)).contains(90.0);
        assertThat(measured.figure(Figure.WRITE_MAX_DURING_MILLIS)).contains(90.0);
        assertThat(measured.figure(Figure.WRITES_PER_SECOND_DURING)).contains(11.0);
        assertThat(measured.figure(Figure.WRITE_P99_AFTER_MILLIS)).contains(6.0);
    }

    @Test
    void aMoveThatWasGivenUpHasNoTotalButItsWrites() {
        List<GuestEntry> source = source(20_000, 60_000);
        second(source, 30_000, 5, 400);
        second(source, 55_000, 5, 4);
        GuestStory story = new GuestStory(source, List.of(), FIRST_BYTE, 50_000 * MILLI);
        Measurement measured = story.measure();
        assertThat(measured.converged()).isFalse();
        assertThat(measured.figure(Figure.TOTAL_MILLIS)).isEmpty();
        assertThat(measured.figure(Figure.GUEST_DOWNTIME_MILLIS)).isEmpty();
        assertThat(measured.figure(Figure.WRITE_P99_DURING_MILLIS)).contains(400.0);
    }

    @Test
    void everyFailureThatTheGuestFoundCounts() {
        List<GuestEntry> destination = destination(25_240, 30_000);
        destination.add(GuestEntry.parse("LONGHAUL check 2 FAILED page 1 place", 29_000 * MILLI)
                .orElseThrow());
        assertThat(story(source(20_000, 25_000), destination).measure().guestFailures())
                .isEqualTo(1);
    }

    private static GuestStory story(List<GuestEntry> source, List<GuestEntry> destination) {
        return new GuestStory(source, destination, FIRST_BYTE, 0);
    }

    private static List<GuestEntry> source(long fromMillis, long toMillis) {
        return ticks(fromMillis, toMillis);
    }

    private static List<GuestEntry> destination(long fromMillis, long toMillis) {
        return ticks(fromMillis, toMillis);
    }

    private static List<GuestEntry> ticks(long fromMillis, long toMillis) {
        List<GuestEntry> entries = new ArrayList<>();
        for (long at = fromMillis; at <= toMillis; at += 10) {
            entries.add(
                    GuestEntry.parse("LONGHAUL tick " + at + " 1.0", at * MILLI).orElseThrow());
        }
        return entries;
    }

    private static void second(List<GuestEntry> entries, long atMillis, int writes, int millis) {
        String load = "LONGHAUL load writes=" + writes + " write_p50_ms=1.0 write_p99_ms=1.0 write_max_ms=" + millis
                + ".0 pages=0 max_gap_ms=1.0";
        entries.add(GuestEntry.parse(load, atMillis * MILLI).orElseThrow());
        entries.add(GuestEntry.parse("LONGHAUL writes_us " + millis * 1000 + "x" + writes, atMillis * MILLI + 1)
                .orElseThrow());
    }
}
