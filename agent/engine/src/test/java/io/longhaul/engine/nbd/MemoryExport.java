package io.longhaul.engine.nbd;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/** A disk in memory. Thread safe. */
final class MemoryExport implements NbdExport {
    private final byte[] content;
    final AtomicInteger flushes = new AtomicInteger();
    volatile int failWith;

    MemoryExport(int sizeBytes) {
        content = new byte[sizeBytes];
    }

    synchronized byte[] content() {
        return content.clone();
    }

    @Override
    public long sizeBytes() {
        return content.length;
    }

    @Override
    public synchronized void read(long offset, ByteBuffer into) throws NbdException {
        failWhereAsked();
        into.put(content, (int) offset, into.remaining());
    }

    @Override
    public synchronized void write(long offset, ByteBuffer data) throws NbdException {
        failWhereAsked();
        data.get(content, (int) offset, data.remaining());
    }

    @Override
    public synchronized void writeZeroes(long offset, long lengthBytes) throws NbdException {
        failWhereAsked();
        java.util.Arrays.fill(content, (int) offset, (int) (offset + lengthBytes), (byte) 0);
    }

    @Override
    public void discard(long offset, long lengthBytes) throws NbdException {
        failWhereAsked();
    }

    @Override
    public void flush() {
        flushes.incrementAndGet();
    }

    private void failWhereAsked() throws NbdException {
        if (failWith != 0) {
            throw new NbdException(failWith, "asked for by the test");
        }
    }
}
