package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("fault")
@Timeout(60)
class LinkFaultTest {
    private static final Link.StreamId DISK = Link.StreamId.disk(0);
    private static final int FRAME_BYTES = 256 << 10;
    private static final int FRAMES = (64 << 20) / FRAME_BYTES;
    private static final long WINDOW_BYTES = LinkSettings.Windows.defaults().diskBytes();

    /** Both directions are open, and a test of silence takes a fraction of a second. */
    private static final LinkSettings QUICK =
            LinkPair.settings().withHeartbeat(Duration.ofMillis(20), Duration.ofMillis(400));

    @Test
    void aConnectionCutWithinAFrameIsOpenedAgainAndEachFrameArrivesOnce()
            throws LinkException, InterruptedException, IOException {
        try (LinkPair pair = new LinkPair(LinkPair.settings());
                FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), LinkPair.settings());
            Arrivals disk = new Arrivals(pair.destination(), DISK);
            Arrivals memory = new Arrivals(pair.destination(), Link.StreamId.MEMORY);
            CompletableFuture<Void> first = sendAll(pair.source().sender(DISK));
            CompletableFuture<Void> second = sendAll(pair.source().sender(Link.StreamId.MEMORY));
            for (int cut = 1; cut <= 4; cut++) {
                disk.await(cut * FRAMES / 6);
                proxy.cutBusiest();
            }
            LinkPair.await(first);
            LinkPair.await(second);
            disk.isComplete();
            memory.isComplete();
            assertThat(memory.numbers).isSorted();
            Link.Resilience seen = pair.source().statistics().resilience();
            assertThat(seen.bytesResent()).isLessThanOrEqualTo(4 * WINDOW_BYTES);
            assertThat(pair.listener.counters().badFrames()).isZero();
        }
    }

    @Test
    void aCutLinkIsOpenedAgainAndAtMostAWindowIsSentAgain() throws LinkException, InterruptedException, IOException {
        try (LinkPair pair = new LinkPair(LinkPair.settings());
                FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), LinkPair.settings());
            BlockingQueue<Link.LinkOutage> here = outagesOf(pair.source());
            BlockingQueue<Link.LinkOutage> there = outagesOf(pair.destination());
            Arrivals disk = new Arrivals(pair.destination(), DISK);
            Arrivals memory = new Arrivals(pair.destination(), Link.StreamId.MEMORY);
            Arrivals back = new Arrivals(pair.source(), Link.StreamId.CONTROL);
            StreamSender control = pair.destination().sender(Link.StreamId.CONTROL);
            CompletableFuture<Void> first = sendAll(pair.source().sender(DISK));
            CompletableFuture<Void> second = sendAll(pair.source().sender(Link.StreamId.MEMORY));
            disk.await(FRAMES / 3);
            proxy.cutAll();
            for (BlockingQueue<Link.LinkOutage> side : List.of(here, there)) {
                assertThat(next(side).over()).isFalse();
            }
            control.send(Frame.withoutPayload(1, 0, 0));
            proxy.restore();
            for (BlockingQueue<Link.LinkOutage> side : List.of(here, there)) {
                assertThat(next(side).over()).isTrue();
            }
            LinkPair.await(first);
            LinkPair.await(second);
            back.await(1);
            disk.isComplete();
            memory.isComplete();
            assertThat(memory.numbers).isSorted();
            Link.LinkStatistics statistics = pair.source().statistics();
            assertThat(statistics.resilience().bytesResent()).isLessThanOrEqualTo(2 * WINDOW_BYTES);
            assertThat(statistics.resilience().outages()).isEqualTo(1);
            assertThat(statistics.resilience().reconnects()).isPositive();
            assertThat(statistics.connectionsOpen()).isGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void whatTheReceiverHoldsIsNotSentAgain() throws LinkException, InterruptedException, IOException {
        try (LinkPair pair = new LinkPair(LinkPair.settings());
                FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), LinkPair.settings());
            BlockingQueue<Link.LinkOutage> there = outagesOf(pair.destination());
            BlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
            pair.destination().receive(DISK, (number, frame, consumed) -> held.add(consumed));
            StreamSender sender = pair.source().sender(DISK);
            List<Runnable> taken = new ArrayList<>();
            for (int index = 0; index < 8; index++) {
                sender.send(frame(index));
                taken.add(held.poll(LinkPair.PATIENCE_SECONDS, TimeUnit.SECONDS));
            }
            proxy.cutAll();
            assertThat(next(there).over()).isFalse();
            taken.subList(0, 3).forEach(Runnable::run);
            proxy.restore();
            assertThat(next(there).over()).isTrue();
            taken.subList(3, 8).forEach(Runnable::run);
            sender.awaitAcknowledged();
            assertThat(pair.source().statistics().resilience().bytesResent()).isZero();
            assertThat(held).isEmpty();
        }
    }

    @Test
    void bothSidesEndTheLinkWhenTheirPatienceIsOver() throws LinkException, InterruptedException, IOException {
        LinkSettings impatient = LinkPair.settings().withPatience(Duration.ofMillis(200));
        try (LinkPair pair = new LinkPair(impatient);
                FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), impatient);
            CompletableFuture<Link.LinkEnd> here = LinkPair.endOf(pair.source());
            CompletableFuture<Link.LinkEnd> there = LinkPair.endOf(pair.destination());
            StreamSender sender = pair.source().sender(DISK);
            CountDownLatch filled = new CountDownLatch(1);
            CompletableFuture<Throwable> failure = new CompletableFuture<>();
            new Thread(() -> fillUntilItFails(sender, filled, failure)).start();
            filled.await();
            proxy.cutAll();
            for (CompletableFuture<Link.LinkEnd> end : List.of(here, there)) {
                assertThat(LinkPair.await(end).closed()).isFalse();
                assertThat(LinkPair.await(end).reason())
                        .containsPattern("connection \\d of 5 to .* is lost: .* did not come back within 0.2 s");
            }
            assertThat(LinkPair.await(failure)).isInstanceOf(LinkException.class);
            assertThatThrownBy(sender::awaitAcknowledged).isInstanceOf(LinkException.class);
        }
    }

    @Test
    void patienceThatIsShortenedDuringAnOutageEndsIt() throws LinkException, InterruptedException, IOException {
        try (LinkPair pair = new LinkPair(LinkPair.settings());
                FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), LinkPair.settings());
            BlockingQueue<Link.LinkOutage> outages = outagesOf(pair.source());
            CompletableFuture<Link.LinkEnd> here = LinkPair.endOf(pair.source());
            proxy.cutAll();
            assertThat(next(outages).over()).isFalse();
            assertThat(here).isNotDone();
            pair.source().patience(Duration.ofMillis(1));
            assertThat(LinkPair.await(here).closed()).isFalse();
        }
    }

    @Test
    void aPeerThatForgotTheSessionEndsTheLinkAtOnce() throws LinkException, InterruptedException, IOException {
        try (LinkPair pair = new LinkPair(LinkPair.settings());
                LinkPair restarted = new LinkPair(LinkPair.settings());
                FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), LinkPair.settings());
            CompletableFuture<Link.LinkEnd> here = LinkPair.endOf(pair.source());
            proxy.redirect(restarted.listener.address());
            proxy.cutAll();
            proxy.restore();
            assertThat(LinkPair.await(here).reason()).contains("not expected there");
        }
    }

    @Test
    void aDamagedFrameCostsAConnectionAndIsSentAgain() throws LinkException, InterruptedException, IOException {
        try (LinkPair pair = new LinkPair(LinkPair.settings());
                FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), LinkPair.settings());
            Arrivals disk = new Arrivals(pair.destination(), DISK);
            CompletableFuture<Void> sending = sendAll(pair.source().sender(DISK));
            disk.await(FRAMES / 4);
            proxy.damage(1);
            LinkPair.await(sending);
            disk.isComplete();
            assertThat(pair.listener.counters().badFrames()).isEqualTo(1);
            assertThat(pair.source().statistics().resilience().bytesResent()).isPositive();
        }
    }

    @Test
    void aPeerThatKeepsBreakingTheProtocolLosesTheLink() throws LinkException, InterruptedException, IOException {
        try (LinkPair pair = new LinkPair(LinkPair.settings());
                FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), LinkPair.settings());
            CompletableFuture<Link.LinkEnd> here = LinkPair.endOf(pair.source());
            CompletableFuture<Link.LinkEnd> there = LinkPair.endOf(pair.destination());
            AtomicInteger arrived = new AtomicInteger();
            pair.destination().receive(DISK, (number, frame, consumed) -> arrived.incrementAndGet());
            proxy.damage(Integer.MAX_VALUE);
            pair.source().sender(DISK).send(frame(0));
            assertThat(LinkPair.await(there).reason()).contains("more than 3 such within a minute");
            assertThat(LinkPair.await(here).closed()).isFalse();
            assertThat(pair.listener.counters().badFrames()).isEqualTo(4);
            assertThat(arrived).as("a damaged frame is not handed over").hasValue(0);
        }
    }

    @Test
    void aConnectionThatSwallowsBytesIsLostAndReplaced() throws LinkException, InterruptedException, IOException {
        try (LinkPair pair = new LinkPair(QUICK);
                FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), QUICK);
            Arrivals disk = new Arrivals(pair.destination(), DISK);
            CompletableFuture<Void> sending = sendAll(pair.source().sender(DISK));
            disk.await(FRAMES / 4);
            proxy.swallowBusiest();
            LinkPair.await(sending);
            disk.isComplete();
        }
    }

    @Test
    void aSilentPeerEndsTheLinkAndItsThreads() throws LinkException, InterruptedException, IOException {
        LinkSettings impatient = QUICK.withPatience(Duration.ofMillis(100));
        LinkPair pair = new LinkPair(impatient);
        try (FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), impatient);
            CompletableFuture<Link.LinkEnd> here = LinkPair.endOf(pair.source());
            CompletableFuture<Link.LinkEnd> there = LinkPair.endOf(pair.destination());
            proxy.hold();
            assertThat(LinkPair.await(here).reason()).contains("was silent for more than 400 ms");
            assertThat(LinkPair.await(there).reason()).contains("was silent for more than 400 ms");
            pair.close();
            for (Thread thread : pair.threads) {
                thread.join(TimeUnit.SECONDS.toMillis(LinkPair.PATIENCE_SECONDS));
                assertThat(thread.isAlive()).as(thread.getName()).isFalse();
            }
        }
    }

    @Test
    void anIdleLinkStaysAlive() throws LinkException, InterruptedException {
        LinkSettings quick = QUICK.withHeartbeat(Duration.ofMillis(20), Duration.ofMillis(1_000));
        try (LinkPair pair = LinkPair.open(quick)) {
            CompletableFuture<Link.LinkEnd> here = LinkPair.endOf(pair.source());
            assertThatThrownBy(() -> here.get(1_500, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            assertThat(pair.source().statistics().resilience()).isEqualTo(Link.Resilience.NONE);
        }
    }

    private static BlockingQueue<Link.LinkOutage> outagesOf(Link link) {
        BlockingQueue<Link.LinkOutage> outages = new LinkedBlockingQueue<>();
        link.onOutage(outages::add);
        return outages;
    }

    private static Link.LinkOutage next(BlockingQueue<Link.LinkOutage> outages) throws InterruptedException {
        Link.LinkOutage outage = outages.poll(LinkPair.PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(outage).isNotNull();
        return outage;
    }

    /** Whoever still read a payload that is acknowledged would read something else. */
    private static CompletableFuture<Void> sendAll(StreamSender sender) {
        byte[][] payloads = new byte[FRAMES][];
        sender.onAcknowledged(number -> Arrays.fill(payloads[(int) number], (byte) 0xDD));
        return CompletableFuture.runAsync(() -> {
            try {
                for (int index = 0; index < FRAMES; index++) {
                    Frame frame = frame(index);
                    payloads[index] = frame.payload().array();
                    sender.send(frame);
                }
                sender.awaitAcknowledged();
            } catch (LinkException | InterruptedException failed) {
                throw new IllegalStateException(failed);
            }
        });
    }

    /** It does not compress: the proxy damages what is longer than a handshake. */
    private static Frame frame(int index) {
        byte[] payload = new byte[FRAME_BYTES];
        new Random(index).nextBytes(payload);
        return new Frame(1, index, FRAME_BYTES, ByteBuffer.wrap(payload));
    }

    private static void fillUntilItFails(
            StreamSender sender, CountDownLatch filled, CompletableFuture<Throwable> failure) {
        try {
            for (int index = 0; ; index++) {
                if (sender.unacknowledgedBytes() > (3 << 20)) {
                    filled.countDown();
                }
                sender.send(frame(index));
            }
        } catch (LinkException | InterruptedException ended) {
            failure.complete(ended);
        }
    }

    /** What came on a stream, consumed at once, checked for what it is. */
    private static final class Arrivals {
        final List<Long> numbers = new ArrayList<>();
        private final List<String> wrong = new ArrayList<>();

        Arrivals(Link link, Link.StreamId stream) {
            link.receive(stream, (number, frame, consumed) -> {
                note(number, frame);
                consumed.run();
            });
        }

        private synchronized void note(long number, Frame frame) {
            numbers.add(number);
            if (frame.payload().hasRemaining() && !frame.equals(LinkFaultTest.frame((int) number))) {
                wrong.add("frame " + number);
            }
            notifyAll();
        }

        synchronized void await(int count) throws InterruptedException {
            while (numbers.size() < count) {
                wait(TimeUnit.SECONDS.toMillis(LinkPair.PATIENCE_SECONDS));
            }
        }

        synchronized void isComplete() {
            BitSet seen = new BitSet();
            numbers.forEach(number -> seen.set(number.intValue()));
            assertThat(wrong).isEmpty();
            assertThat(numbers).hasSize(FRAMES);
            assertThat(seen.cardinality()).isEqualTo(FRAMES);
        }
    }
}
