package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.support.Ticker;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GreetingsTest {
    private static final Duration NEVER = Duration.ofHours(1);

    private final List<Connection> late = new CopyOnWriteArrayList<>();
    private Greetings greetings = new Greetings(NEVER, Ticker.system(), late::add);

    @AfterEach
    void close() {
        greetings.close();
    }

    /** Else a few that are slow to hear it would keep honest ones out as well. */
    @Test
    void thoseTurnedAwayTakeNoPlaceOfThoseGreeted() {
        List<Silent> greeted = new ArrayList<>();
        for (int count = 0; count < Greetings.LIMIT; count++) {
            greeted.add(new Silent());
            assertThat(greetings.begin(greeted.get(count), thread())).isTrue();
        }
        assertThat(greetings.begin(new Silent(), thread())).isFalse();
        for (int count = 0; count < Greetings.TURNED_AWAY_LIMIT; count++) {
            assertThat(greetings.turnAway(new Silent(), thread())).isTrue();
        }
        assertThat(greetings.turnAway(new Silent(), thread())).isFalse();
        assertThat(greetings.end(greeted.get(0))).isTrue();
        assertThat(greetings.begin(new Silent(), thread())).isTrue();
    }

    /** It was counted as one too many already. */
    @Test
    void oneThatIsTurnedAwayIsClosedAfterTheTimeButNotCalledLate() throws InterruptedException {
        greetings = new Greetings(Duration.ofNanos(1), Ticker.system(), late::add);
        Silent greeted = new Silent();
        Silent turnedAway = new Silent();
        greetings.begin(greeted, thread());
        greetings.turnAway(turnedAway, thread());
        Thread watch = new Thread(greetings::watch);
        watch.start();
        assertThat(greeted.closed.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(turnedAway.closed.await(10, TimeUnit.SECONDS)).isTrue();
        greetings.close();
        watch.join();
        assertThat(late).containsExactly(greeted);
    }

    private static Thread thread() {
        return new Thread(() -> {});
    }

    private static final class Silent implements Connection {
        final CountDownLatch closed = new CountDownLatch(1);

        @Override
        public int read(ByteBuffer target) {
            return -1;
        }

        @Override
        public long write(ByteBuffer[] sources) {
            return 0;
        }

        @Override
        public void finishWriting() {}

        @Override
        public String peer() {
            return "nobody";
        }

        @Override
        public boolean couldBe(String hostName) {
            return true;
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }
}
