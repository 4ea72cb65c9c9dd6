package io.longhaul.engine.transport;

/** Bytes that the streams of one class share equally. Not thread safe: its owner's lock guards it. */
final class WindowBudget {
    private final FlowLimit flow;
    private long usedBytes;
    private int members;

    WindowBudget(FlowLimit flow) {
        this.flow = flow;
    }

    FlowLimit flow() {
        return flow;
    }

    void join() {
        members++;
    }

    /** What one member may use. With very many members this is one frame each, and the limit over all still holds. */
    long shareBytes() {
        return Math.max(flow.limitBytes() / Math.max(members, 1), FrameCodec.LARGEST_FRAME_BYTES);
    }

    boolean hasRoomFor(long bytes) {
        return usedBytes + bytes <= flow.limitBytes();
    }

    void take(long bytes) {
        usedBytes += bytes;
    }

    void giveBack(long bytes) {
        usedBytes -= bytes;
    }
}
