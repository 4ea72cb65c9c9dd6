package io.longhaul.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Look-ups are asked for while they are faster than the link. */
class AskingWindowTest {
    private static final long MIB = 1L << 20;
    private static final long MEGABYTES_PER_SECOND = 1_000_000;

    private final AskingWindow window = new AskingWindow(64 * MIB);

    @Test
    void asksForAllThereIsRoomForAtFirst() {
        assertThat(window.bytes()).isEqualTo(64 * MIB);
        assertThat(new AskingWindow(MIB).bytes()).isEqualTo(MIB);
    }

    @Test
    void narrowsToAFrameWhileTheLinkIsFaster() {
        narrow();
        assertThat(window.bytes()).isEqualTo(MIB);
    }

    @Test
    void widensAgainWhileLookUpsAreFasterThanTheLink() {
        narrow();
        for (int frame = 0; frame < 100; frame++) {
            window.answered(MIB, 5_000, 100 * MEGABYTES_PER_SECOND);
        }
        assertThat(window.bytes()).isEqualTo(64 * MIB);
    }

    @Test
    void believesInLookUpsWhereTheLinkIsNotKnown() {
        narrow();
        window.answered(MIB, 1_000_000, 0);
        assertThat(window.bytes()).isEqualTo(2 * MIB);
    }

    @Test
    void oneThatWaitedDoesNotCountForMany() {
        for (int frame = 0; frame < 16; frame++) {
            window.answered(MIB, 1_000, 100 * MEGABYTES_PER_SECOND);
        }
        window.answered(MIB, 50_000, 100 * MEGABYTES_PER_SECOND);
        assertThat(window.bytes()).isEqualTo(64 * MIB);
    }

    private void narrow() {
        for (int frame = 0; frame < 100; frame++) {
            window.answered(MIB, 50_000, 100 * MEGABYTES_PER_SECOND);
        }
    }
}
