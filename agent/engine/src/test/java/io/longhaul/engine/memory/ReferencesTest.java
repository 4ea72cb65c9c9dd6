package io.longhaul.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.transport.Frame;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A page that the far side has waits for room rather than cross the link, as long as verdicts come. */
@Timeout(10)
class ReferencesTest {
    private static final int POOL_PAGES = 2;
    private static final int FOREVER_MILLIS = 3_600_000;
    private static final byte[] PAGE = new byte[QemuStream.PAGE_BYTES];

    private final KnownContent everything = fingerprint -> Optional.of(new KnownContent.Location(0, 0));
    private final PagePool pool = new PagePool(POOL_PAGES);

    @Test
    void aPageWaitsForTheVerdictThatMakesRoomForIt() throws InterruptedException, ExecutionException {
        References references = new References(everything, pool, FOREVER_MILLIS, () -> 0);
        fill(references);
        FutureTask<Boolean> third = new FutureTask<>(() -> refer(references, POOL_PAGES));
        Thread sender = new Thread(third);
        sender.start();
        while (sender.getState() != Thread.State.TIMED_WAITING && sender.isAlive()) {
            Thread.onSpinWait();
        }
        assertThat(third).isNotDone();
        references.onVerdict(verdict(0));
        assertThat(third.get()).isTrue();
    }

    @Test
    void whereNoVerdictComesOnlyOnePageWaits() throws InterruptedException {
        References references = new References(everything, pool, 1, () -> 0);
        fill(references);
        assertThat(refer(references, POOL_PAGES)).isFalse();
        for (int page = 0; page < 100_000; page++) {
            assertThat(refer(references, POOL_PAGES + page)).isFalse();
        }
    }

    @Test
    void thereIsNoWaitingForRoomThatTheSwitchoverDoesNotHave() throws InterruptedException {
        References references = new References(everything, pool, FOREVER_MILLIS, () -> 0);
        fill(references);
        assertThat(references.refer(POOL_PAGES, PAGE, 0, QemuStream.PAGE_BYTES)).isFalse();
    }

    private static void fill(References references) throws InterruptedException {
        for (int page = 0; page < POOL_PAGES; page++) {
            assertThat(refer(references, page)).isTrue();
        }
        references.take();
        assertThat(references.isExhausted()).isTrue();
    }

    private static boolean refer(References references, long key) throws InterruptedException {
        return references.refer(key, PAGE, 0, Long.MAX_VALUE);
    }

    private static Frame verdict(int sequence) {
        ByteBuffer payload = ByteBuffer.allocate(MemoryFrames.VERDICT_HEADER_BYTES);
        payload.putInt(sequence).putInt(0).putShort((short) 0).flip();
        return new Frame(MemoryFrames.VERDICT, 0, payload.remaining(), payload);
    }
}
