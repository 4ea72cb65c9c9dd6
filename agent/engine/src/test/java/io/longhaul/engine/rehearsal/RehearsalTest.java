package io.longhaul.engine.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.rehearsal.Rehearsed.Ending;
import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.LinkEnvironment;
import io.longhaul.engine.transport.tls.TestAuthority;
import io.longhaul.engine.transport.tls.TlsContexts;
import io.longhaul.engine.transport.tls.TlsProtection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Over TLS and the loopback device. The receivers compare what comes with what was to come. */
@Timeout(60)
class RehearsalTest {
    private static final Duration NEVER = Duration.ofHours(1);

    private final List<Thread> made = new CopyOnWriteArrayList<>();
    private final AtomicInteger drawn = new AtomicInteger();
    private final CountDownLatch underWay = new CountDownLatch(12);

    @Test
    void movesADiskAndARoundOfMemoryAtLeast()
            throws GeneralSecurityException, InterruptedException, RehearsalException {
        RehearsalSettings once = new RehearsalSettings(Duration.ZERO, NEVER, 0, 1024, 4 << 20);
        Rehearsed rehearsed = new Rehearsal(once, environment("host-a"), "host-a").run();
        assertThat(rehearsed.ending()).isEqualTo(Ending.OUT_OF_TIME);
        assertThat(rehearsed.bytes()).isGreaterThan(4 << 20);
        assertNoThreadIsLeft();
    }

    @Test
    void endsWhenItGetsNoFaster() throws GeneralSecurityException, InterruptedException, RehearsalException {
        // Nothing moves within a nanosecond, so that all slices are alike.
        RehearsalSettings hasty = new RehearsalSettings(NEVER, Duration.ofNanos(1), 0, 64, 1 << 20);
        assertThat(new Rehearsal(hasty, environment("host-a"), "host-a").run().ending())
                .isEqualTo(Ending.SETTLED);
        assertNoThreadIsLeft();
    }

    @Test
    void movesTheLeastThatItShouldEvenIfItGetsNoFaster()
            throws GeneralSecurityException, InterruptedException, RehearsalException {
        long leastBytes = 4 << 20;
        RehearsalSettings hasty = new RehearsalSettings(NEVER, Duration.ofNanos(1), leastBytes, 64, 1 << 20);
        Rehearsed rehearsed = new Rehearsal(hasty, environment("host-a"), "host-a").run();
        assertThat(rehearsed.ending()).isEqualTo(Ending.SETTLED);
        assertThat(rehearsed.bytes()).isGreaterThanOrEqualTo(leastBytes);
    }

    @Test
    void endsAtOnceWhenItIsAskedTo()
            throws ExecutionException, GeneralSecurityException, InterruptedException, TimeoutException {
        Rehearsal rehearsal =
                new Rehearsal(new RehearsalSettings(NEVER, NEVER, 0, 1024, 4 << 20), environment("host-a"), "host-a");
        CompletableFuture<Rehearsed> run = CompletableFuture.supplyAsync(() -> runQuietly(rehearsal));
        underWay.await();
        rehearsal.stop();
        Rehearsed rehearsed = run.get(10, TimeUnit.SECONDS);
        assertThat(rehearsed.ending()).isEqualTo(Ending.STOPPED);
        assertNoThreadIsLeft();
    }

    /** Whatever the link waits for: a handshake may take its ten seconds. */
    @Test
    void endsAtOnceAlsoWhileItsLinkIsBeingMade()
            throws ExecutionException, GeneralSecurityException, InterruptedException, TimeoutException {
        CountDownLatch connecting = new CountDownLatch(1);
        CountDownLatch held = new CountDownLatch(1);
        SecureRandom slow = new SecureRandom() {
            private static final long serialVersionUID = 1L;

            @Override
            public void nextBytes(byte[] bytes) {
                super.nextBytes(bytes);
                // Of what listens, and the session's secret; then comes what connects.
                if (drawn.incrementAndGet() == 3) {
                    connecting.countDown();
                    awaitQuietly(held);
                }
            }
        };
        Rehearsal rehearsal = new Rehearsal(RehearsalSettings.DEFAULT, environment("host-a", slow), "host-a");
        CompletableFuture<Rehearsed> run = CompletableFuture.supplyAsync(() -> runQuietly(rehearsal));
        try {
            assertThat(connecting.await(10, TimeUnit.SECONDS)).isTrue();
            rehearsal.stop();
            assertThat(run.get(5, TimeUnit.SECONDS).ending()).isEqualTo(Ending.STOPPED);
        } finally {
            held.countDown();
        }
        assertNoThreadIsLeft();
    }

    private static Rehearsed runQuietly(Rehearsal rehearsal) {
        try {
            return rehearsal.run();
        } catch (RehearsalException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void doesNotBeginWhenItWasAskedToEndBefore()
            throws GeneralSecurityException, InterruptedException, RehearsalException {
        Rehearsal rehearsal = new Rehearsal(RehearsalSettings.DEFAULT, environment("host-a"), "host-a");
        rehearsal.stop();
        assertThat(rehearsal.run().ending()).isEqualTo(Ending.STOPPED);
        assertThat(made).isEmpty();
    }

    @Test
    void saysWhatIsWrongWhereItCannotBeHeld() throws GeneralSecurityException, InterruptedException {
        Rehearsal rehearsal = new Rehearsal(RehearsalSettings.DEFAULT, environment("host-b"), "host-a");
        assertThatThrownBy(rehearsal::run)
                .isInstanceOf(RehearsalException.class)
                .hasMessageContaining("the rehearsal failed: ");
        assertNoThreadIsLeft();
    }

    @Test
    void aDiskThatGetsOtherBytesSaysSo() {
        SampleContent content = new SampleContent();
        SampleDisk disk = SampleDisk.holding(content, 4 << 20, 1 << 20);
        ByteBuffer bytes = ByteBuffer.allocate(SampleDisk.BLOCK_BYTES);
        content.fill(1 << 20, bytes);
        assertThatThrownBy(() -> disk.write((1 << 20) + SampleDisk.BLOCK_BYTES, bytes.flip()))
                .hasMessageContaining("not what was sent");
        assertThatThrownBy(() -> disk.writeZeroes(1 << 20, SampleDisk.BLOCK_BYTES))
                .hasMessageContaining("not what was sent");
        assertThatThrownBy(disk::requireWhole).hasMessageContaining("never came");
    }

    @Test
    void aMemoryThatGetsOtherBytesSaysSo() throws IOException {
        int pages = 1024;
        byte[] stream = wholeStream(pages);
        CheckedMemory good = new CheckedMemory(new SampleContent(), pages);
        write(good, stream);
        good.close();
        good.requireWhole();
        assertThatThrownBy(() -> new CheckedMemory(new SampleContent(), pages).requireWhole())
                .hasMessageContaining("HEAD");
        stream[stream.length / 2] ^= 1;
        assertThatThrownBy(() -> write(new CheckedMemory(new SampleContent(), pages), stream))
                .hasMessageContaining("the memory stream arrived with");
    }

    private static byte[] wholeStream(int pages) {
        SampleMemory memory = new SampleMemory(new SampleContent(), pages);
        memory.pause();
        ByteBuffer all = ByteBuffer.allocate(8 << 20);
        while (memory.read(all) >= 0) {
            assertThat(all.hasRemaining()).isTrue();
        }
        byte[] exact = new byte[all.position()];
        all.flip().get(exact);
        return exact;
    }

    private static void write(CheckedMemory memory, byte[] stream) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(stream);
        while (bytes.hasRemaining()) {
            memory.write(bytes);
        }
    }

    private LinkEnvironment environment(String hostName) throws GeneralSecurityException {
        return environment(hostName, new SecureRandom());
    }

    private LinkEnvironment environment(String hostName, SecureRandom random) throws GeneralSecurityException {
        TlsContexts contexts = new TlsContexts();
        contexts.replace(new TestAuthority("rehearsal").agent(hostName));
        return new LinkEnvironment(Ticker.system(), this::newThread, random)
                .withProtection(new TlsProtection(contexts, Duration.ofSeconds(10), Ticker.system()));
    }

    private Thread newThread(Runnable work) {
        Thread thread = new Thread(work);
        made.add(thread);
        underWay.countDown();
        return thread;
    }

    private void assertNoThreadIsLeft() throws InterruptedException {
        for (Thread thread : made) {
            thread.join(10_000);
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }
}
