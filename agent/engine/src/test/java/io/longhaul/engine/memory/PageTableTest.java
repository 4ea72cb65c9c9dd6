package io.longhaul.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PageTableTest {
    private static final int ENTRIES = 50;

    @Test
    void isAMap() {
        for (long seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            PageTable table = new PageTable(ENTRIES);
            Map<Long, Integer> expected = new HashMap<>();
            for (int step = 0; step < 1000; step++) {
                long key = random.nextInt(120);
                if (expected.containsKey(key)) {
                    assertThat(table.remove(key)).as("seed %d", seed).isEqualTo(expected.remove(key));
                } else if (expected.size() < ENTRIES) {
                    table.put(key, step);
                    expected.put(key, step);
                }
                long other = random.nextInt(120);
                assertThat(table.get(other))
                        .as("seed %d", seed)
                        .isEqualTo(expected.getOrDefault(other, PageTable.ABSENT));
            }
            assertThat(Arrays.stream(table.allSlots()).boxed()).containsExactlyInAnyOrderElementsOf(expected.values());
        }
    }
}
