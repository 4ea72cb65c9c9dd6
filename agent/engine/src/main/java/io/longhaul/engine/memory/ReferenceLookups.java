package io.longhaul.engine.memory;

import io.longhaul.engine.transport.Frame;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;

/**
 * Looks references up, ahead of their turn where the executor has threads for it: a look-up waits for the hypervisor's
 * disk, and the stream must not wait for one after the other. Thread safe.
 *
 * <p>Holds the pages of {@link #AHEAD} frames at most, 8 MiB.
 */
final class ReferenceLookups {
    static final int AHEAD = 8;

    private final ContentReader content;
    private final Executor executor;
    /** Guards the two numbers. Invariant: taken ≤ begun, and only look-ups below taken + AHEAD hold pages. */
    private final Object turns = new Object();

    private long begun;
    private long taken;
    /** Each has buffers of its own. */
    private final Queue<ReferenceReader> idle = new ConcurrentLinkedQueue<>();

    /** @param content thread safe where the executor has several threads */
    ReferenceLookups(ContentReader content, Executor executor) {
        this.content = content;
        this.executor = executor;
    }

    /** What came of one frame of references. */
    record Result(List<ReferenceReader.Reference> asked, List<FoundPage> found, BitSet refused) {}

    record FoundPage(int block, long page, byte[] content) {}

    /** A look-up that was begun; its result is taken once, in the order in which they were begun. */
    FutureTask<Result> begin(Frame frame) {
        long turn;
        synchronized (turns) {
            turn = begun++;
        }
        FutureTask<Result> task = new FutureTask<>(() -> lookUp(turn, frame.payload()));
        try {
            executor.execute(task);
        } catch (RejectedExecutionException stopped) {
            task.cancel(false);
        }
        return task;
    }

    /** @throws InterruptedException also where the look-up was cancelled, because nothing is wanted any more */
    Result take(FutureTask<Result> begun) throws IOException, InterruptedException {
        try {
            return begun.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException refused) {
                throw refused;
            }
            throw new IOException("references could not be looked up", e.getCause());
        } catch (CancellationException stopped) {
            throw new InterruptedException("stopped");
        } finally {
            synchronized (turns) {
                taken++;
                turns.notifyAll();
            }
        }
    }

    private Result lookUp(long turn, ByteBuffer payload) throws IOException {
        awaitRoom(turn);
        ReferenceReader reader = idle.poll();
        if (reader == null) {
            reader = new ReferenceReader(content);
        }
        try {
            List<ReferenceReader.Reference> asked = ReferenceReader.decode(payload);
            List<FoundPage> found = new ArrayList<>(asked.size());
            BitSet refused = reader.resolve(asked, (block, page, bytes) -> found.add(copy(block, page, bytes)));
            return new Result(asked, found, refused);
        } finally {
            idle.add(reader);
        }
    }

    /** By turns, not by who comes first: were all room taken by later ones, the next to be taken would wait for ever. */
    private void awaitRoom(long turn) throws InterruptedIOException {
        synchronized (turns) {
            try {
                while (turn >= taken + AHEAD) {
                    turns.wait();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("stopped");
            }
        }
    }

    private static FoundPage copy(int block, long page, ByteBuffer bytes) {
        byte[] own = new byte[QemuStream.PAGE_BYTES];
        bytes.get(own);
        return new FoundPage(block, page, own);
    }
}
