package io.longhaul.bench.wan;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.bench.wan.GuestEntry.Kind;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GuestEntryTest {

    @Test
    void readsTicksLoadsSpreadsAndChecks() {
        assertThat(GuestEntry.parse("LONGHAUL tick 17 1.700213", 5))
                .contains(new GuestEntry(Kind.TICK, 5, 17, 0, Map.of()));
        assertThat(GuestEntry.parse(
                        "LONGHAUL load writes=20 write_p50_ms=4.100 write_p99_ms=7.000 write_max_ms=9.250 pages=2000"
                                + " max_gap_ms=11.000",
                        6))
                .contains(new GuestEntry(Kind.LOAD, 6, 20, 9.25, Map.of()));
        assertThat(GuestEntry.parse("LONGHAUL writes_us 4096x18 9216x2", 7))
                .contains(new GuestEntry(Kind.WRITES, 7, 0, 0, Map.of(4096L, 18L, 9216L, 2L)));
        assertThat(GuestEntry.parse("LONGHAUL check 3 ok pages=16384 blocks=512", 8))
                .contains(new GuestEntry(Kind.CHECK_PASSED, 8, 3, 0, Map.of()));
        assertThat(GuestEntry.parse("LONGHAUL check 3 FAILED page 77 checksum", 9))
                .contains(new GuestEntry(Kind.CHECK_FAILED, 9, 3, 0, Map.of()));
    }

    @Test
    void findsALineBehindOneOfTheKernels() {
        assertThat(GuestEntry.parse("[ 1.0] virtio_blk LONGHAUL tick 1 0.1\r", 1))
                .isPresent();
    }

    @Test
    void leavesOutWhatItDoesNotKnow() {
        assertThat(GuestEntry.parse("LONGHAUL check 3 begin", 1)).isEmpty();
        assertThat(GuestEntry.parse("LONGHAUL ready memory=64 disk=64", 1)).isEmpty();
        assertThat(GuestEntry.parse("LONGHAUL writes_us", 1)).isEmpty();
        assertThat(GuestEntry.parse("LONGHAUL tick 99999999999999999999 1", 1)).isEmpty();
        assertThat(GuestEntry.parse("", 1)).isEmpty();
    }
}
