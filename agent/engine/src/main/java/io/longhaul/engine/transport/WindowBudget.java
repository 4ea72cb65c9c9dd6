package io.longhaul.engine.transport;

/** Bytes that the streams of one class share equally. Not thread safe: its owner's lock guards it. */
final class WindowBudget {
    private final long limitBytes;
    private long usedBytes;
    private int members;

    WindowBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    void join() {
        members++;
    }

    /** What one member may use. With very many members this is one frame each, and the limit over all still holds. */
    long shareBytes() {
        return Math.max(limitBytes / Math.max(members, 1), FrameCodec.LARGEST_FRAME_BYTES);
    }

    boolean hasRoomFor(long bytes) {
        return usedBytes + bytes <= limitBytes;
    }

    void take(long bytes) {
        usedBytes += bytes;
    }

    void giveBack(long bytes) {
        usedBytes -= bytes;
    }
}
