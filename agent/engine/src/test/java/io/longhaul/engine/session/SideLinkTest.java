package io.longhaul.engine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.LinkConnector;
import io.longhaul.engine.transport.LinkEnvironment;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.LinkListener;
import io.longhaul.engine.transport.LinkSettings;
import io.longhaul.engine.transport.PeerProof;
import io.longhaul.engine.transport.SessionId;
import io.longhaul.engine.transport.StreamSender;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Over a real link whose far side announces the smallest window that the protocol allows. */
@Timeout(30)
final class SideLinkTest {
    private static final long SECONDS = 10;
    private static final LinkSettings ONE_FRAME = LinkSettings.defaults()
            .withConnections(1)
            .withWindows(new LinkSettings.Windows(2 << 20, 32 << 20, 32 << 20, 1));
    private static final SideProblem PROBLEM = Problems.askedToAbort();

    private final LinkEnvironment environment = new LinkEnvironment(
            Ticker.system(),
            work -> {
                Thread thread = new Thread(work);
                thread.setDaemon(true);
                return thread;
            },
            new SecureRandom());

    /** What has come to the far side, and what says that it was consumed. */
    private final BlockingQueue<ControlMessage> come = new LinkedBlockingQueue<>();

    private final BlockingQueue<Runnable> consumptions = new LinkedBlockingQueue<>();
    private LinkListener listener;
    private Link near;
    private Link far;
    private SideLink side;

    @BeforeEach
    void open() throws LinkException, InterruptedException, ExecutionException, TimeoutException {
        listener =
                LinkListener.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), ONE_FRAME, environment);
        SessionId session = new SessionId("small-window", 1);
        byte[] secret = new byte[32];
        CompletableFuture<Link> accepted = new CompletableFuture<>();
        listener.expect(session, new PeerProof(secret, "source"), accepted::complete);
        near = new LinkConnector(environment)
                .connect(listener.address(), session, new PeerProof(secret, "destination"), ONE_FRAME);
        far = accepted.get(SECONDS, TimeUnit.SECONDS);
        far.receive(Link.StreamId.CONTROL, (number, frame, consumed) -> {
            try {
                come.add(ControlMessage.of(frame));
            } catch (IOException damaged) {
                throw new AssertionError(damaged);
            }
            consumptions.add(consumed);
        });
        side = new SideLink(near, new Signals(), message -> {}, problem -> {}, end -> {});
    }

    @AfterEach
    void close() {
        near.close();
        far.close();
        listener.close();
    }

    @Test
    void whatTheWindowHasNoRoomForIsSentInOrderAsSoonAsItHas() throws InterruptedException {
        List<ControlMessage> told = List.of(
                new ControlMessage.Paused(),
                new ControlMessage.Seal(List.of(7L)),
                new ControlMessage.Grant(List.of(7L), 9),
                new ControlMessage.Abort(PROBLEM));
        told.forEach(side::tell);
        for (ControlMessage message : told) {
            assertThat(come.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo(message);
            assertThat(come).as("the window is one frame").isEmpty();
            consume();
        }
    }

    @Test
    void whatWaitsIsNotTakenForHeard() throws InterruptedException {
        side.tell(new ControlMessage.Paused());
        side.tell(new ControlMessage.Taken());
        CompletableFuture<Void> heard = CompletableFuture.runAsync(this::awaitHeard);
        consume();
        assertThat(come.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo(new ControlMessage.Paused());
        assertThat(come.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo(new ControlMessage.Taken());
        assertThat(heard).isNotDone();
        consume();
        heard.join();
    }

    @Test
    void afterAFaultInSendingTheNextMessageSendsBoth() throws InterruptedException {
        List<Frame> sent = new ArrayList<>();
        SideLink faulty = new SideLink(faultyOnce(sent), new Signals(), message -> {}, problem -> {}, end -> {});
        assertThatThrownBy(() -> faulty.tell(new ControlMessage.Paused())).hasMessage("a fault");
        faulty.tell(new ControlMessage.Taken());
        assertThat(sent)
                .extracting(Frame::kind)
                .containsExactly(
                        new ControlMessage.Paused().frame().kind(),
                        new ControlMessage.Taken().frame().kind());
    }

    /** A link whose control stream fails at its first frame, and takes the others. */
    private static Link faultyOnce(List<Frame> sent) {
        AtomicBoolean failed = new AtomicBoolean();
        StreamSender sender = stub(StreamSender.class, (method, values) -> {
            if (!method.equals("trySend")) {
                return null;
            }
            if (!failed.getAndSet(true)) {
                throw new IllegalStateException("a fault");
            }
            sent.add((Frame) values[0]);
            return OptionalLong.of(sent.size());
        });
        return stub(Link.class, (method, values) -> method.equals("sender") ? sender : null);
    }

    /** What is called by its name, with which arguments. */
    private interface Answer {
        @Nullable
        Object to(String method, Object[] values);
    }

    private static <T> T stub(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, values) -> answer.to(method.getName(), values)));
    }

    private void awaitHeard() {
        try {
            side.awaitHeard(Duration.ofSeconds(SECONDS));
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    private void consume() throws InterruptedException {
        Runnable consumption = consumptions.poll(SECONDS, TimeUnit.SECONDS);
        assertThat(consumption).isNotNull();
        consumption.run();
    }
}
