package io.longhaul.engine.transport;

import java.util.concurrent.atomic.LongAdder;

/** What one link has done. Thread safe. */
final class LinkCounters {
    final LongAdder bytesSent = new LongAdder();
    final LongAdder bytesReceived = new LongAdder();
    final LongAdder reconnects = new LongAdder();
    private final LongAdder bytesBeforeCompression = new LongAdder();
    private final LongAdder bytesSaved = new LongAdder();

    void onCompressed(int bytes, int saved) {
        bytesBeforeCompression.add(bytes);
        bytesSaved.add(saved);
    }

    Link.Compression compression() {
        return new Link.Compression(bytesBeforeCompression.sum(), bytesSaved.sum());
    }
}
