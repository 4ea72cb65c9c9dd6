package io.longhaul.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.progress.Progress;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusCodecTest {
    /** Matched bytes that are not known, and no notes. */
    private static final int BYTES_SINCE_THE_FIRST_VERSION = 1 + 8 + 4;

    @Test
    void keepsWhatWasMatchedAndNoted() throws IOException {
        SideStatus status = status(Measurements.NONE.withBytes(3, 2, 1).withNotes(List.of("one", "zwei, drei")));
        assertThat(StatusCodec.decode(StatusCodec.encode(status))).isEqualTo(status);
    }

    @Test
    void readsWhatAnAgentOfTheFirstVersionLeft() throws IOException {
        SideStatus status = status(Measurements.NONE);
        byte[] now = StatusCodec.encode(status);
        byte[] then = Arrays.copyOf(now, now.length - BYTES_SINCE_THE_FIRST_VERSION);
        then[0] = 1;
        assertThat(StatusCodec.decode(then)).isEqualTo(status);
    }

    private static SideStatus status(Measurements measurements) {
        return new SideStatus(SidePhase.COMPLETED, Progress.NONE, Optional.empty(), measurements);
    }
}
