package io.longhaul.engine.nbd;

import io.longhaul.engine.hypervisor.MirrorSink;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Remembers what it was told. Thread safe. */
final class RecordingSink implements MirrorSink {
    private final List<String> calls = new ArrayList<>();

    synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    @Override
    public synchronized void written(long offset, ByteBuffer data) {
        calls.add("written " + offset + "+" + data.remaining() + " "
                + (data.hasRemaining() ? data.get(data.position()) : ""));
    }

    @Override
    public synchronized void zeroed(long offset, long lengthBytes) {
        calls.add("zeroed " + offset + "+" + lengthBytes);
    }

    @Override
    public synchronized void discarded(long offset, long lengthBytes) {
        calls.add("discarded " + offset + "+" + lengthBytes);
    }
}
