package io.longhaul.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.transport.LinkException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class HeldPagesTest {
    private static final int PAGE = QemuStream.PAGE_BYTES;
    private static final int PLACES = 16;
    private static final long ALL = Long.MAX_VALUE / 2;

    private final PagePool pool = new PagePool(PLACES);
    private final HeldPages held = new HeldPages(pool, PLACES);

    @Test
    void whatIsHeldIsQuietUntilARoundSaysOtherwise() {
        hold(4);
        assertThat(held.quietBytes()).isEqualTo(4 * PAGE);
        held.round();
        assertThat(held.quietBytes()).as("nothing was held when it began").isEqualTo(4 * PAGE);
        held.round();
        assertThat(held.quietBytes()).as("none came again").isEqualTo(4 * PAGE);
    }

    @Test
    void whatComesAgainInARoundIsNotQuietInTheNext() {
        hold(4);
        held.round();
        replace(0);
        replace(1);
        replace(2);
        assertThat(held.quietBytes()).as("the round has not ended").isEqualTo(4 * PAGE);
        held.round();
        assertThat(held.quietBytes()).isEqualTo(PAGE);
        held.round();
        assertThat(held.quietBytes()).as("they have stopped coming").isEqualTo(4 * PAGE);
    }

    @Test
    void pagesThatComeOftenAreNotCountedBelowZero() {
        hold(2);
        held.round();
        for (int times = 0; times < 5; times++) {
            replace(0);
        }
        held.round();
        assertThat(held.quietBytes()).isZero();
    }

    @Test
    void whatLeavesIsNoLongerQuiet() throws LinkException, InterruptedException {
        hold(4);
        held.round();
        replace(0);
        replace(1);
        held.round();
        assertThat(held.drop(3)).isTrue();
        assertThat(held.drop(3)).isFalse();
        held.releaseAll(slot -> {});
        assertThat(held.quietBytes()).isZero();
        assertThat(held.bytes()).isZero();
    }

    @Test
    void neverHoldsMoreThanTheBudgetAndLosesNoVersion() throws LinkException, InterruptedException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        Map<Long, Byte> newest = new HashMap<>();
        int round = 0;
        for (int step = 0; step < 5_000; step++) {
            String where = "seed " + seed + ", step " + step;
            long key = random.nextInt(2 * PLACES);
            byte[] page = new byte[PAGE];
            random.nextBytes(page);
            switch (random.nextInt(8)) {
                case 0 -> {
                    held.round();
                    round++;
                    held.sweep(round, ALL, slot -> leave(where, newest, slot));
                }
                case 1 -> {
                    long budget = (long) random.nextInt(PLACES) * PAGE;
                    held.shrink(budget, slot -> leave(where, newest, slot));
                    assertThat(held.bytes()).as(where).isLessThanOrEqualTo(budget);
                }
                case 2 -> assertThat(held.drop(key)).as(where).isEqualTo(newest.remove(key) != null);
                default -> {
                    boolean known = held.replace(key, round, page, 0);
                    assertThat(known).as(where).isEqualTo(newest.containsKey(key));
                    if (known || held.hold(key, round, page, 0, ALL)) {
                        newest.put(key, page[0]);
                    } else {
                        assertThat(newest).as(where).hasSize(PLACES);
                    }
                }
            }
            assertThat(held.bytes()).as(where).isEqualTo((long) newest.size() * PAGE);
            assertThat(held.quietBytes()).as(where).isBetween(0L, held.bytes());
        }
        held.releaseAll(slot -> leave("seed " + seed, newest, slot));
        assertThat(newest).as("seed %d", seed).isEmpty();
    }

    @Test
    void theOldestLeaveFirst() throws LinkException, InterruptedException {
        for (int key = 0; key < 6; key++) {
            assertThat(held.hold(key, 6 - key, new byte[PAGE], 0, ALL)).isTrue();
        }
        List<Long> left = new ArrayList<>();
        held.shrink(4 * PAGE, slot -> left.add(pool.key(slot)));
        assertThat(left).containsExactlyInAnyOrder(5L, 4L);
    }

    private void leave(String where, Map<Long, Byte> newest, int slot) {
        Byte content = newest.remove(pool.key(slot));
        assertThat(content).as(where).isEqualTo(pool.array(slot)[pool.offset(slot)]);
    }

    private void hold(int pages) {
        for (int key = 0; key < pages; key++) {
            assertThat(held.hold(key, 0, new byte[PAGE], 0, ALL)).isTrue();
        }
    }

    private void replace(long key) {
        assertThat(held.replace(key, 1, new byte[PAGE], 0)).isTrue();
    }
}
