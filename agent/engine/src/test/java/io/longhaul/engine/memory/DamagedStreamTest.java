package io.longhaul.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.transport.LinkException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Streams that are cut off or damaged mean the same to the destination's hypervisor as they would without us between. */
class DamagedStreamTest {
    private static final int SEEDS = 200;

    @Test
    void theDestinationSeesTheSameDamage() throws IOException, LinkException, InterruptedException {
        int compared = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            byte[] content = new byte[QemuStream.PAGE_BYTES];
            random.nextBytes(content);
            byte[] whole = new StreamMaker(random, List.of(content)).migration();
            byte[] stream = Arrays.copyOf(whole, random.nextInt(whole.length));
            if (random.nextBoolean()) {
                stream = whole.clone();
                stream[random.nextInt(stream.length)] ^= (byte) (1 << random.nextInt(8));
            }
            compared += carry(seed, random, stream);
        }
        assertThat(compared).isGreaterThan(SEEDS / 3);
    }

    private static int carry(long seed, Random random, byte[] stream)
            throws IOException, LinkException, InterruptedException {
        MemoryPorts ports = MemoryPorts.plain(MemoryLoop.stoppedClock()).withBudget(() -> 1 << 20);
        MemorySenderSettings settings = new MemorySenderSettings(Long.MAX_VALUE, 1 << 20, 1 << 20, 0);
        MemoryLoop loop = new MemoryLoop(random, settings, ports, (disk, offset, into) -> {});
        byte[] loaded = loop.carry(stream);
        StreamImage expected;
        try {
            expected = StreamImage.of(stream);
        } catch (AssertionError | BufferUnderflowException | NegativeArraySizeException e) {
            // The made-up hypervisor stumbles over the damage itself: that we came through is all there is to see.
            return 0;
        }
        StreamImage actual = StreamImage.of(loaded);
        assertThat(actual.pages.keySet()).as("seed %d", seed).isEqualTo(expected.pages.keySet());
        expected.pages.forEach((page, content) -> assertThat(Arrays.equals(actual.pages.get(page), content))
                .as("seed %d page %s", seed, page)
                .isTrue());
        assertThat(Arrays.equals(actual.rest, expected.rest))
                .as("seed %d", seed)
                .isTrue();
        return 1;
    }
}
