package io.longhaul.engine.transport;

import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The connections of one link as they come in. The listener's lock guards it, except for the waiting. */
final class Assembly {
    private final Hello first;
    private final @Nullable SocketChannel[] channels;
    private final CountDownLatch missing;

    Assembly(Hello first) {
        this.first = first;
        this.channels = new SocketChannel[first.count()];
        this.missing = new CountDownLatch(first.count());
    }

    boolean belongsTo(Hello hello) {
        return hello.attempt().equals(first.attempt())
                && hello.count() == first.count()
                && hello.windows().equals(first.windows());
    }

    /** @return false where that connection is there already */
    boolean add(int index, SocketChannel channel) {
        if (channels[index] != null) {
            return false;
        }
        channels[index] = channel;
        missing.countDown();
        return true;
    }

    /** Waits until all are there, or it is abandoned. */
    boolean awaitComplete(long nanos) throws InterruptedException {
        return missing.await(nanos, TimeUnit.NANOSECONDS);
    }

    LinkSettings.Windows windows() {
        return first.windows();
    }

    List<SocketChannel> present() {
        List<SocketChannel> present = new ArrayList<>();
        for (SocketChannel channel : channels) {
            if (channel != null) {
                present.add(channel);
            }
        }
        return present;
    }

    void abandon() {
        present().forEach(Sockets::closeQuietly);
        while (missing.getCount() > 0) {
            missing.countDown();
        }
    }
}
