package io.longhaul.engine.rehearsal;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Runs a rehearsal's parts, each on a thread, and keeps the first failure of any. Thread safe. */
final class PartRunner {
    /** A disk and a round, also where nothing is compiled yet and the machine has other work. */
    private static final Duration END = Duration.ofSeconds(10);

    private final ThreadFactory threads;
    private final CompletableFuture<@Nullable Void> over = new CompletableFuture<>();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private volatile boolean stopped;

    PartRunner(ThreadFactory threads) {
        this.threads = threads;
    }

    /** A part's work on its own thread. */
    interface Part {
        void play() throws Exception;
    }

    ThreadFactory threads() {
        return threads;
    }

    /** Done when the part has ended, however it did. */
    CompletableFuture<@Nullable Void> start(Part part) {
        CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
        threads.newThread(() -> {
                    try {
                        play(part);
                    } finally {
                        ended.complete(null);
                    }
                })
                .start();
        return ended;
    }

    // Whatever a part fails of ends the rehearsal, and nothing else.
    private void play(Part part) {
        try {
            part.play();
        } catch (InterruptedException e) {
            fail(e);
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            fail(e);
        } catch (Error e) {
            fail(new IllegalStateException(e));
        }
    }

    void fail(Exception cause) {
        failure.compareAndSet(null, cause);
        over.complete(null);
    }

    void stop() {
        stopped = true;
        over.complete(null);
    }

    boolean isStopped() {
        return stopped;
    }

    /** Waits so long; true where it was stopped, or a part has failed, sooner. */
    boolean isOverWithin(Duration longest) throws InterruptedException {
        try {
            over.get(longest.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("nobody completes it with a failure", e);
        }
    }

    /** Waits until the part has ended, the rehearsal was stopped, or another part has failed; so long at most. */
    void awaitEndOf(CompletableFuture<@Nullable Void> part) throws InterruptedException {
        try {
            CompletableFuture.anyOf(part, over).get(END.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            fail(new IOException("what was under way did not end within " + END, e));
        } catch (ExecutionException e) {
            throw new IllegalStateException("nobody completes it with a failure", e);
        }
    }

    /** Whether all is as it should be so far. */
    boolean isSound() {
        return !over.isDone();
    }

    /** Of a part that failed while nobody wanted the end. */
    @Nullable
    Exception failure() {
        return stopped ? null : failure.get();
    }
}
