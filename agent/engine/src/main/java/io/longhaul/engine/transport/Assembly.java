package io.longhaul.engine.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** The connections of one link as they come in. The listener's lock guards it, except for the waiting. */
final class Assembly {
    private final Hello first;
    private final @Nullable Arrival[] arrivals;
    private final CountDownLatch ended = new CountDownLatch(1);

    /** A connection that has proved itself. */
    record Arrival(Connection connection, Hello hello, long roundTripNanos) {}

    Assembly(Hello first) {
        this.first = first;
        this.arrivals = new Arrival[first.count()];
    }

    Hello.Key attempt() {
        return first.attempt();
    }

    int count() {
        return first.count();
    }

    boolean belongsTo(Hello hello) {
        return hello.attempt().equals(first.attempt())
                && hello.count() == first.count()
                && hello.windows().equals(first.windows());
    }

    /** @return false where that connection, or a newer one in its place, is there already */
    boolean add(Arrival arrival) {
        int index = arrival.hello().index();
        Arrival before = arrivals[index];
        if (before != null) {
            if (before.hello().opening() >= arrival.hello().opening()) {
                return false;
            }
            Sockets.closeQuietly(before.connection());
        }
        arrivals[index] = arrival;
        if (arrivals[Lane.URGENT] != null && present().size() >= 2) {
            ended.countDown();
        }
        return true;
    }

    /** Waits until the urgent one and another are there, or it is abandoned: the connector knows when to give up. */
    void awaitUsableOrAbandoned() throws InterruptedException {
        ended.await();
    }

    LinkSettings.Windows windows() {
        return first.windows();
    }

    /** Of the connection that came first in place. */
    String peer() {
        return present().stream()
                .map(arrival -> arrival.connection().peer())
                .findFirst()
                .orElse("nobody");
    }

    List<Arrival> present() {
        List<Arrival> present = new ArrayList<>();
        for (Arrival arrival : arrivals) {
            if (arrival != null) {
                present.add(arrival);
            }
        }
        return present;
    }

    void abandon() {
        present().forEach(arrival -> Sockets.closeQuietly(arrival.connection()));
        ended.countDown();
    }
}
