package io.longhaul.engine.rehearsal;

import io.longhaul.engine.memory.ContentIndex;
import io.longhaul.engine.memory.ContentReader;
import io.longhaul.engine.memory.MemoryPorts;
import io.longhaul.engine.memory.MemoryReceiver;
import io.longhaul.engine.memory.MemorySender;
import io.longhaul.engine.memory.MemorySenderSettings;
import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.Link.StreamId;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The memory of a rehearsal, both sides of it. Thread safe; sends and receives on threads of the runner. */
final class MemoryPart {
    /** Pages held back and asked for: enough to go through these motions. */
    private static final int HELD_BYTES = 1 << 20;

    private static final int POOL_BYTES = 2 << 20;

    private final PartRunner runner;
    private final SampleMemory written;
    private final CheckedMemory read;
    private final MemorySender sender;
    private final MemoryReceiver receiver;
    private CompletableFuture<@Nullable Void> sent = CompletableFuture.completedFuture(null);
    private CompletableFuture<@Nullable Void> received = CompletableFuture.completedFuture(null);

    /**
     * @param known what was sent of disks
     * @param disks the destination's
     */
    MemoryPart(
            PartRunner runner,
            SampleContent content,
            int pages,
            Ticker ticker,
            Link source,
            Link destination,
            ContentIndex known,
            ContentReader disks) {
        this.runner = runner;
        this.written = new SampleMemory(content, pages);
        this.read = new CheckedMemory(content, pages);
        this.sender = new MemorySender(
                source.sender(StreamId.MEMORY),
                new MemorySenderSettings(Long.MAX_VALUE, HELD_BYTES, POOL_BYTES, 0),
                MemoryPorts.plain(ticker).withBudget(() -> HELD_BYTES).withKnownContent(known));
        this.receiver = new MemoryReceiver(disks, runner.threads(), ticker);
        source.receive(StreamId.MEMORY_RETURN, sender);
        receiver.answerOn(destination.sender(StreamId.MEMORY_RETURN));
        destination.receive(StreamId.MEMORY, receiver);
    }

    void start() {
        received = runner.start(() -> receiver.pump(read));
        sent = runner.start(() -> sender.pump(written));
    }

    long receivedBytes() {
        return sender.acknowledgedBytes();
    }

    /** Ends the round and the stream, and makes sure that all of it has come. */
    void finish() throws IOException, InterruptedException {
        written.pause();
        runner.awaitEndOf(sent);
        runner.awaitEndOf(received);
        if (runner.isSound()) {
            read.requireWhole();
        }
    }

    /** Ends both threads at once. Idempotent. */
    void stop() {
        written.close();
        sender.stop();
        receiver.stop();
    }
}
