package io.longhaul.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.transport.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ReferenceLookupsTest {
    private final Deque<Runnable> tasks = new ArrayDeque<>();

    /** A thread that has begun a look-up may be kept from going on while others do all that come after it. */
    @Test
    @Timeout(20)
    void theNextToBeTakenHasRoomHoweverManyLaterOnesAreDone() throws IOException, InterruptedException {
        ReferenceLookups lookups = new ReferenceLookups((disk, offset, into) -> {}, tasks::add);
        List<FutureTask<ReferenceLookups.Result>> begun = new ArrayList<>();
        for (int frame = 0; frame < 2 * ReferenceLookups.AHEAD; frame++) {
            begun.add(lookups.begin(references(frame)));
        }
        Runnable first = tasks.removeFirst();
        List<Thread> others = new ArrayList<>();
        for (Runnable later : tasks) {
            others.add(new Thread(later));
        }
        others.forEach(Thread::start);
        for (int frame = 1; frame < ReferenceLookups.AHEAD; frame++) {
            others.get(frame - 1).join();
        }
        first.run();
        for (FutureTask<ReferenceLookups.Result> each : begun) {
            assertThat(lookups.take(each).asked()).isEmpty();
        }
    }

    private static Frame references(int sequence) {
        ByteBuffer none = ByteBuffer.allocate(MemoryFrames.REFERENCES_HEADER_BYTES);
        none.putInt(sequence).putShort((short) 0).flip();
        return new Frame(MemoryFrames.REFERENCES, 0, none.remaining(), none);
    }
}
