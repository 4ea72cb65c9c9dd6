package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** One connection of a link, from its proof to its loss. Thread safe. */
final class Lane {
    /** The lane that carries what is urgent. */
    static final int URGENT = 0;

    private final Connection connection;
    private final int index;
    private final int opening;
    private final long id;
    private final String name;
    private final Ticker ticker;
    private final long openedNanos;
    private final CountDownLatch readToTheEnd = new CountDownLatch(1);
    private volatile long heardNanos;
    private volatile boolean lost;

    /**
     * @param opening counts the connections there were in this place, from 1
     * @param id of this one among all of the link
     */
    Lane(Connection connection, int index, int opening, long id, int count, Ticker ticker) {
        this.connection = connection;
        this.index = index;
        this.opening = opening;
        this.id = id;
        this.name = "connection " + (index + 1) + " of " + count + " to " + connection.peer();
        this.ticker = ticker;
        this.openedNanos = ticker.nanos();
        this.heardNanos = openedNanos;
    }

    int index() {
        return index;
    }

    int opening() {
        return opening;
    }

    long id() {
        return id;
    }

    boolean isUrgent() {
        return index == URGENT;
    }

    FrameReader reader(PayloadBuffers payloads, LongAdder bytesReceived) {
        return new FrameReader(connection, payloads, count -> {
            heardNanos = ticker.nanos();
            bytesReceived.add(count);
        });
    }

    FrameWriter writer(Pace pace, LongAdder bytesSent, CompressionPolicy policy) {
        return new FrameWriter(connection, pace, bytesSent, policy, ticker);
    }

    /** How long nothing has come. */
    long silentNanos(long nowNanos) {
        return nowNanos - heardNanos;
    }

    long ageNanos(long nowNanos) {
        return nowNanos - openedNanos;
    }

    /** Nothing more is written; what was is delivered, and the peer sees the end behind it. */
    void finishWriting() throws IOException {
        connection.finishWriting();
    }

    boolean isLost() {
        return lost;
    }

    /** Nothing is handed to it any more. */
    void lose() {
        lost = true;
        close();
    }

    void close() {
        Sockets.closeQuietly(connection);
    }

    /** What came is read and handed on. */
    void readToTheEnd() {
        readToTheEnd.countDown();
    }

    void awaitReadToTheEnd(long millis) throws InterruptedException {
        boolean unused = readToTheEnd.await(millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public String toString() {
        return name;
    }
}
