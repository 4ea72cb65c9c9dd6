package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.support.Ticker;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads are stopped where they ask for the time, so the order of events is always the same. */
@Timeout(60)
class RedialingTest {
    private static final String REDIAL = "-redial-1";
    private static final LinkSettings SETTINGS = LinkPair.settings();
    /** Each pulse asks several times. */
    private static final int SOME_PULSES = 100;

    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final Map<Thread, Connection> dialled = new ConcurrentHashMap<>();
    private final CountDownLatch joined = new CountDownLatch(1);
    private final CountDownLatch firstMayGoOn = new CountDownLatch(1);
    private final CountDownLatch dialling = new CountDownLatch(1);
    private final CountDownLatch secondMayGoOn = new CountDownLatch(1);
    private volatile CountDownLatch pulses = new CountDownLatch(SOME_PULSES);

    @Test
    void aConnectionThatIsLostAsItJoinsIsDialledOnce() throws LinkException, InterruptedException {
        LinkConnector connector =
                new LinkConnector(new LinkEnvironment(new StoppingTicker(), this::newThread, new SecureRandom())
                        .withProtection(new RememberingProtection()));
        try (LinkPair pair = new LinkPair(SETTINGS)) {
            pair.listener.expect(LinkPair.SESSION, LinkPair.SOURCE, link -> {});
            Link link = connector.connect(pair.listener.address(), LinkPair.SESSION, LinkPair.DESTINATION, SETTINGS);
            pair.source(link);
            try {
                awaitConnections(link, 3);
                Sockets.closeQuietly(connectionOf(named("-connect-1").get(0)));
                joined.await();
                Thread first = named(REDIAL).get(0);
                Sockets.closeQuietly(connectionOf(first));
                dialling.await();
                firstMayGoOn.countDown();
                first.join();

                pulses = new CountDownLatch(SOME_PULSES);
                pulses.await();
                assertThat(named(REDIAL))
                        .as("the one that joined, and the one that dials")
                        .hasSize(2);
            } finally {
                firstMayGoOn.countDown();
                secondMayGoOn.countDown();
            }
        }
    }

    private static void awaitConnections(Link link, int count) {
        long giveUpNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(LinkPair.PATIENCE_SECONDS);
        while (link.statistics().connectionsOpen() < count) {
            assertThat(System.nanoTime()).as("%s", link.statistics()).isLessThan(giveUpNanos);
            Thread.onSpinWait();
        }
    }

    private Thread newThread(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        threads.add(thread);
        return thread;
    }

    private List<Thread> named(String end) {
        return threads.stream().filter(thread -> thread.getName().endsWith(end)).toList();
    }

    private Connection connectionOf(Thread dialler) {
        return Objects.requireNonNull(dialled.get(dialler));
    }

    private final class RememberingProtection implements Protection {
        private final Protection plain = Protection.none();

        @Override
        public Connection connecting(SocketChannel connected, String hostName) {
            Connection connection = plain.connecting(connected, hostName);
            dialled.put(Thread.currentThread(), connection);
            return connection;
        }

        @Override
        public Connection accepting(SocketChannel accepted) {
            return plain.accepting(accepted);
        }
    }

    private final class StoppingTicker implements Ticker {
        private final Ticker system = Ticker.system();

        @Override
        public long nanos() {
            Thread caller = Thread.currentThread();
            if (caller.getName().endsWith("-pulse")) {
                pulses.countDown();
            }
            List<Thread> redials = named(REDIAL);
            if (!redials.isEmpty() && caller == redials.get(0)) {
                stopFirst();
            } else if (redials.contains(caller)) {
                stop(dialling, secondMayGoOn);
            }
            return system.nanos();
        }

        /** Behind the two threads that it starts for the connection it has: the link goes on without it. */
        private void stopFirst() {
            if (named("-reader-1").size() == 2) {
                stop(joined, firstMayGoOn);
            }
        }

        @Override
        public long wallMicros() {
            return system.wallMicros();
        }

        private void stop(CountDownLatch here, CountDownLatch until) {
            here.countDown();
            try {
                until.await();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
