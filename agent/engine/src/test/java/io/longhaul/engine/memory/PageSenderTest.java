package io.longhaul.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.transport.LinkException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is saved, in numbers. */
class PageSenderTest {
    private static final int PAGES = 1000;
    private static final int ROUNDS = 20;
    private static final MemorySenderSettings SETTINGS = MemorySenderSettings.withBuffer(Long.MAX_VALUE);

    private final MemoryPorts ports = MemoryPorts.plain(MemoryLoop.stoppedClock());

    @Test
    void hotPagesCrossOnceAtTheEnd() throws IOException, LinkException, InterruptedException {
        MemoryCounters counters = carry(ports.withBudget(() -> Long.MAX_VALUE), pages(0, PAGES));
        assertThat(counters.pagesRead()).isEqualTo((long) PAGES * ROUNDS);
        // Two rounds until they are known to be hot, and once at the end.
        assertThat(counters.pagesSent()).isEqualTo(3L * PAGES);
        assertThat(counters.pagesSuperseded()).isEqualTo((ROUNDS - 3L) * PAGES);
        assertThat(counters.rounds()).isEqualTo(ROUNDS);
        assertThat(counters.opaqueReason()).isEmpty();
    }

    @Test
    void whereNotAllHotPagesFitTheSameOnesStayHeld() throws IOException, LinkException, InterruptedException {
        long half = PAGES / 2 * QemuStream.PAGE_BYTES;
        MemoryCounters counters = carry(ports.withBudget(() -> half), pages(0, PAGES));
        assertThat(counters.pagesSent()).isEqualTo(3L * PAGES / 2 + (long) PAGES / 2 * ROUNDS);
    }

    @Test
    void withoutABudgetNothingIsHeldBack() throws IOException, LinkException, InterruptedException {
        MemoryCounters counters = carry(ports, pages(0, PAGES));
        assertThat(counters.pagesHeldBack()).isZero();
        assertThat(counters.pagesSent()).isEqualTo(counters.pagesRead());
    }

    @Test
    void inTheLastRoundNothingIsHeldBack() throws IOException, LinkException, InterruptedException {
        MemoryCounters counters =
                carry(ports.withBudget(() -> Long.MAX_VALUE).withLastRound(() -> true), pages(0, PAGES));
        assertThat(counters.pagesHeldBack()).isZero();
    }

    @Test
    void theRevisionCountsRoundsAndWhatChangedInTheLast() throws IOException, LinkException, InterruptedException {
        Revision revision = carry(ports, pages(0, PAGES)).revision();
        assertThat(revision.generation()).isEqualTo(ROUNDS);
        assertThat(revision.corrections()).isEqualTo(PAGES);
        assertThat(revision).hasToString("0." + ROUNDS + ".0." + PAGES);
    }

    private static List<Long> pages(long first, int count) {
        List<Long> pages = new ArrayList<>();
        for (long page = first; page < first + count; page++) {
            pages.add(PageKey.of(0, page));
        }
        return pages;
    }

    private static MemoryCounters carry(MemoryPorts ports, List<Long> pages)
            throws IOException, LinkException, InterruptedException {
        Random random = new Random(1);
        byte[] stream = StreamMaker.sweeps(random, PAGES, pages, ROUNDS);
        MemoryLoop loop = new MemoryLoop(random, SETTINGS, ports, (disk, offset, into) -> {});
        byte[] loaded = loop.carry(stream);
        assertThat(StreamImage.of(loaded).pages).hasSize(pages.size());
        return loop.sender.counters();
    }
}
