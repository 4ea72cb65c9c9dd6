package io.longhaul.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.transport.LinkException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever is dropped, held back or referred to: the destination ends with what the hypervisor said. */
class MemoryPropertyTest {
    private static final int SEEDS = Integer.getInteger("longhaul.memory.seeds", 200);
    private static final int CONTENTS = 40;

    @Test
    void theDestinationEndsWithWhatTheStreamSaysInOrder() throws InterruptedException {
        Totals totals = new Totals();
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                carry(seed, totals);
            } catch (IOException | LinkException | RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        System.out.println("seeds 0 to " + (SEEDS - 1) + ": " + totals);
        assertThat(totals.superseded).isPositive();
        assertThat(totals.heldBack).isPositive();
        assertThat(totals.referenced).isPositive();
        assertThat(totals.refused).isPositive();
        assertThat(totals.opaque).isPositive();
    }

    private static void carry(long seed, Totals totals) throws IOException, LinkException, InterruptedException {
        Random random = new Random(seed);
        List<byte[]> contents = new ArrayList<>();
        ContentIndex index = new ContentIndex(1024);
        for (int place = 0; place < CONTENTS; place++) {
            byte[] content = new byte[QemuStream.PAGE_BYTES];
            random.nextBytes(content);
            contents.add(content);
            index.learn(0, (long) place * QemuStream.PAGE_BYTES, ByteBuffer.wrap(content));
        }
        byte[] stream = new StreamMaker(random, contents).migration();
        MemoryLoop loop = new MemoryLoop(random, settings(random), ports(random, index), disk(random, contents));
        loop.verdictsGetLost = random.nextInt(10) == 0;
        byte[] loaded = loop.carry(stream);

        StreamImage expected = StreamImage.of(stream);
        StreamImage actual = StreamImage.of(loaded);
        assertThat(actual.elements).isEqualTo(expected.elements);
        assertThat(actual.withinPages).isEqualTo(expected.withinPages);
        assertThat(Arrays.equals(actual.rest, expected.rest))
                .as("what follows the pages")
                .isTrue();
        assertThat(actual.pages).containsOnlyKeys(expected.pages.keySet());
        expected.pages.forEach((page, content) -> {
            // AssertJ compares arrays one boxed byte after the other.
            if (!Arrays.equals(actual.pages.get(page), content)) {
                throw new AssertionError("page " + page + " is not its last version");
            }
        });
        MemoryCounters counters = loop.sender.counters();
        if (counters.opaqueReason().isPresent()) {
            assertThat(actual.block).isEqualTo(expected.block);
        }
        assertThat(loop.sender.heldBackBytes()).isZero();
        totals.add(counters);
    }

    private static MemorySenderSettings settings(Random random) {
        int pool = (1 + random.nextInt(300)) * QemuStream.PAGE_BYTES;
        return new MemorySenderSettings(Long.MAX_VALUE, pool - random.nextInt(pool), pool, 0);
    }

    private static MemoryPorts ports(Random random, KnownContent known) {
        MemoryPorts ports = MemoryPorts.plain(MemoryLoop.stoppedClock())
                .withBudget(() -> random.nextInt(5) == 0 ? 0 : random.nextInt(100) * QemuStream.PAGE_BYTES);
        return random.nextInt(4) == 0 ? ports : ports.withKnownContent(known);
    }

    /** Some blocks were overwritten, some cannot be read. */
    private static ContentReader disk(Random random, List<byte[]> contents) {
        byte[] bytes = new byte[contents.size() * QemuStream.PAGE_BYTES];
        for (int place = 0; place < contents.size(); place++) {
            System.arraycopy(contents.get(place), 0, bytes, place * QemuStream.PAGE_BYTES, QemuStream.PAGE_BYTES);
            bytes[place * QemuStream.PAGE_BYTES + random.nextInt(QemuStream.PAGE_BYTES)] ^= (byte) random.nextInt(2);
        }
        return (disk, offset, into) -> {
            if (random.nextInt(10) == 0) {
                throw new IOException("cannot be read");
            }
            into.put(bytes, (int) offset, into.remaining());
        };
    }

    private static final class Totals {
        long superseded;
        long heldBack;
        long referenced;
        long refused;
        long opaque;

        void add(MemoryCounters counters) {
            superseded += counters.pagesSuperseded();
            heldBack += counters.pagesHeldBack();
            referenced += counters.pagesReferenced();
            refused += counters.referencesRefused();
            opaque += counters.opaqueReason().isPresent() ? 1 : 0;
        }

        @Override
        public String toString() {
            return "superseded " + superseded + ", held back " + heldBack + ", referenced " + referenced + ", refused "
                    + refused + ", opaque " + opaque;
        }
    }
}
