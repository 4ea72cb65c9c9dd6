package io.longhaul.engine.memory;

/**
 * How many bytes of pages may be referred to and not confirmed. Not thread safe: its owner's lock guards it.
 *
 * <p>A reference costs the link next to nothing, but the stream is in order, so whatever is behind a look-up waits for it.
 * The window narrows where look-ups hold the stream up for longer than the link would need for the pages themselves, and
 * widens where they do not; taken over some of them, as a single one may have waited for a processor.
 *
 * <p>It begins with all there is room for, as most look-ups are in a page cache and hold nothing up. When it began with
 * 8 MiB, a quarter of 256 MiB went in full before the first round trips had widened it.
 */
final class AskingWindow {
    /** A frame: asks so often whether look-ups are fast now. */
    private static final long LEAST_BYTES = (long) MemoryFrames.REFERENCES_LIMIT * QemuStream.PAGE_BYTES;

    /** Of each verdict when the next one comes: sixteen of them matter. */
    private static final double REMEMBERED = 0.94;

    private static final long MICROS_PER_SECOND = 1_000_000;

    private final long mostBytes;
    private double recentMicros;
    private double recentBytes;
    private long bytes;

    AskingWindow(long mostBytes) {
        this.mostBytes = mostBytes;
        this.bytes = mostBytes;
    }

    /**
     * @param waitedMicros how long the destination's stream stood still for the look-up of these pages
     * @param linkBytesPerSecond 0 where it is not known
     */
    void answered(long pageBytes, long waitedMicros, long linkBytesPerSecond) {
        recentMicros = recentMicros * REMEMBERED + waitedMicros;
        recentBytes = recentBytes * REMEMBERED + pageBytes;
        boolean worthIt = recentMicros * linkBytesPerSecond <= recentBytes * MICROS_PER_SECOND;
        long changed = worthIt ? bytes + pageBytes : bytes - pageBytes;
        bytes = Math.min(Math.max(changed, LEAST_BYTES), mostBytes);
    }

    /** Whether nothing but the room for pages bounds it. */
    boolean isWide() {
        return bytes == mostBytes;
    }

    long bytes() {
        return bytes;
    }
}
