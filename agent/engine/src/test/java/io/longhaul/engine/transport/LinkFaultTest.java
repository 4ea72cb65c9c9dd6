package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("fault")
@Timeout(60)
class LinkFaultTest {
    private static final Link.StreamId DISK = Link.StreamId.disk(0);

    @Test
    void endsTheLinkWhenAConnectionIsCut() throws LinkException, InterruptedException, IOException {
        try (LinkPair pair = new LinkPair(LinkPair.settings());
                FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), LinkPair.settings());
            CompletableFuture<Link.LinkEnd> here = LinkPair.endOf(pair.source());
            CompletableFuture<Link.LinkEnd> there = LinkPair.endOf(pair.destination());
            proxy.cut(2);
            assertThat(LinkPair.await(here).closed()).isFalse();
            assertThat(LinkPair.await(there).closed()).isFalse();
            assertThat(LinkPair.await(here).reason() + LinkPair.await(there).reason())
                    .containsPattern("connection \\d of 5 to 127\\.0\\.0\\.1:\\d+ is lost: ");
        }
    }

    @Test
    void aSenderThatWaitsForRoomIsWokenByTheEnd() throws LinkException, InterruptedException, IOException {
        try (LinkPair pair = new LinkPair(LinkPair.settings());
                FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), LinkPair.settings());
            StreamSender sender = pair.source().sender(DISK);
            CountDownLatch filled = new CountDownLatch(1);
            CompletableFuture<Throwable> failure = new CompletableFuture<>();
            Thread sending = new Thread(() -> fillUntilItFails(sender, filled, failure));
            sending.start();
            filled.await();
            proxy.cut(0);
            assertThat(LinkPair.await(failure)).isInstanceOf(LinkException.class);
            assertThatThrownBy(sender::awaitAcknowledged).isInstanceOf(LinkException.class);
        }
    }

    @Test
    void aDamagedFrameEndsTheLink() throws LinkException, InterruptedException, IOException {
        try (LinkPair pair = new LinkPair(LinkPair.settings());
                FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), LinkPair.settings());
            CompletableFuture<Link.LinkEnd> there = LinkPair.endOf(pair.destination());
            CompletableFuture<Link.LinkEnd> here = LinkPair.endOf(pair.source());
            CountDownLatch arrived = new CountDownLatch(1);
            pair.destination().receive(DISK, (number, frame, consumed) -> arrived.countDown());
            proxy.damage();
            pair.source().sender(DISK).send(new Frame(1, 0, 0, ByteBuffer.allocate(1000)));
            assertThat(LinkPair.await(there).closed()).isFalse();
            assertThat(LinkPair.await(here).closed()).isFalse();
            assertThat(pair.listener.counters().badFrames()).isPositive();
            assertThat(arrived.getCount())
                    .as("a damaged frame is not handed over")
                    .isEqualTo(1);
        }
    }

    @Test
    void aSilentPeerEndsTheLinkAndItsThreads() throws LinkException, InterruptedException, IOException {
        LinkSettings quick = new LinkSettings(
                2,
                LinkSettings.Windows.defaults(),
                Duration.ofMillis(20),
                Duration.ofMillis(400),
                Duration.ofSeconds(10));
        LinkPair pair = new LinkPair(quick);
        try (FaultyProxy proxy = new FaultyProxy(pair.listener.address())) {
            pair.connectThrough(proxy.address(), quick);
            CompletableFuture<Link.LinkEnd> here = LinkPair.endOf(pair.source());
            CompletableFuture<Link.LinkEnd> there = LinkPair.endOf(pair.destination());
            proxy.hold();
            assertThat(LinkPair.await(here).reason()).contains("was silent for more than");
            assertThat(LinkPair.await(there).reason()).contains("was silent for more than");
            pair.close();
            for (Thread thread : pair.threads) {
                thread.join(TimeUnit.SECONDS.toMillis(LinkPair.PATIENCE_SECONDS));
                assertThat(thread.isAlive()).as(thread.getName()).isFalse();
            }
        }
    }

    @Test
    void anIdleLinkStaysAlive() throws LinkException, InterruptedException {
        LinkSettings quick = new LinkSettings(
                2,
                LinkSettings.Windows.defaults(),
                Duration.ofMillis(20),
                Duration.ofMillis(1_000),
                Duration.ofSeconds(10));
        try (LinkPair pair = LinkPair.open(quick)) {
            CompletableFuture<Link.LinkEnd> here = LinkPair.endOf(pair.source());
            assertThatThrownBy(() -> here.get(1_500, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        }
    }

    private static void fillUntilItFails(
            StreamSender sender, CountDownLatch filled, CompletableFuture<Throwable> failure) {
        try {
            for (int index = 0; ; index++) {
                if (sender.unacknowledgedBytes() > (30 << 20)) {
                    filled.countDown();
                }
                sender.send(new Frame(1, index, 0, ByteBuffer.allocate(1 << 20)));
            }
        } catch (LinkException | InterruptedException ended) {
            failure.complete(ended);
        }
    }
}
