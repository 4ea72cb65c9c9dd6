package io.longhaul.engine.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.StreamSender;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DisksPartTest {
    private static final Duration NEVER = Duration.ofHours(1);

    private final List<Thread> made = new CopyOnWriteArrayList<>();
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);

    /** Whoever stops it then has no disk to stop, and the disk nobody who does. */
    @Test
    void aDiskThatIsBeingMadeWhileAllIsStoppedIsNotPlayed() throws InterruptedException {
        PartRunner runner = new PartRunner(this::newThread);
        DisksPart disks = new DisksPart(
                runner,
                new SampleContent(),
                new RehearsalSettings(NEVER, NEVER, 0, 64, 1 << 20),
                Ticker.system(),
                link(),
                link(),
                1 << 20);
        disks.start();
        assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
        disks.stop();
        stopped.countDown();
        for (Thread thread : made) {
            thread.join(10_000);
            assertThat(thread.isAlive()).isFalse();
        }
        assertThat(runner.failure()).isNull();
    }

    /** Its first receiver is set while the disk is made; nothing comes over it. */
    private Link link() {
        StreamSender sender = stub(StreamSender.class, method -> switch (method) {
            case "trySend" -> OptionalLong.empty();
            case "send", "unacknowledgedBytes" -> 0L;
            default -> null;
        });
        return stub(Link.class, method -> {
            if (method.equals("receive")) {
                reached.countDown();
                awaitStopped();
            }
            return method.equals("sender") ? sender : null;
        });
    }

    private void awaitStopped() {
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private interface Answer {
        @Nullable
        Object to(String method);
    }

    private static <T> T stub(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, values) -> answer.to(method.getName())));
    }

    private Thread newThread(Runnable work) {
        Thread thread = new Thread(work);
        made.add(thread);
        return thread;
    }
}
