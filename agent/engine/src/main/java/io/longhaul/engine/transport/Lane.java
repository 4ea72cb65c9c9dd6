package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.LongAdder;

/** One TCP connection of a link. Thread safe. */
final class Lane {
    private final SocketChannel channel;
    private final String name;
    private final Ticker ticker;
    private volatile long heardNanos;

    Lane(SocketChannel channel, int index, int count, Ticker ticker) throws IOException {
        this.channel = channel;
        this.name = "connection " + (index + 1) + " of " + count + " to " + channel.getRemoteAddress();
        this.ticker = ticker;
        this.heardNanos = ticker.nanos();
    }

    FrameReader reader(LongAdder bytesReceived) {
        return new FrameReader(channel, count -> {
            heardNanos = ticker.nanos();
            bytesReceived.add(count);
        });
    }

    FrameWriter writer(RateLimiter limiter, LongAdder bytesSent) {
        return new FrameWriter(channel, limiter, bytesSent);
    }

    /** How long nothing has come. */
    long silentNanos(long nowNanos) {
        return nowNanos - heardNanos;
    }

    /** Nothing more is written; what was is delivered, and the peer sees the end behind it. */
    void finishWriting() throws IOException {
        channel.shutdownOutput();
    }

    void close() {
        Sockets.closeQuietly(channel);
    }

    @Override
    public String toString() {
        return name;
    }
}
