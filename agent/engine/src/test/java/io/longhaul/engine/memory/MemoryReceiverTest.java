package io.longhaul.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.PeerViolationException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Frames that cannot be: refused with what was wrong, before anything of them is believed. */
class MemoryReceiverTest {
    private static final RamLayout LAYOUT = new RamLayout(1, true, List.of(new RamBlock("pc.ram", 100)));

    private final MemoryReceiver receiver = new MemoryReceiver();
    private final ByteArrayOutputStream loaded = new ByteArrayOutputStream();
    private final WritableByteChannel memory = Channels.newChannel(loaded);
    private long position;

    @Test
    void layoutsComeBackAsTheyWere() throws IOException, InterruptedException {
        assertThat(RamLayout.decode(LAYOUT.encode())).isEqualTo(LAYOUT);
    }

    @Test
    void pagesBeforeTheLayoutAreRefused() {
        requireRefused(MemoryFrames.PAGES, pages(MemoryFrames.RUN_ZERO, 0, 0, 1, 0), "before the layout");
    }

    @Test
    void aGapIsNoticed() {
        assertThatThrownBy(() -> receiver.accept(Frame.withoutPayload(MemoryFrames.END, 5, 0), memory))
                .isInstanceOf(PeerViolationException.class)
                .hasMessageContaining("gap");
    }

    @Test
    void aSecondLayoutIsRefused() throws IOException, InterruptedException {
        accept(MemoryFrames.LAYOUT, LAYOUT.encode());
        requireRefused(MemoryFrames.LAYOUT, LAYOUT.encode(), "second layout");
    }

    @Test
    void pagesOutsideTheMemoryAreRefused() throws IOException, InterruptedException {
        accept(MemoryFrames.LAYOUT, LAYOUT.encode());
        requireRefused(MemoryFrames.PAGES, pages(MemoryFrames.RUN_ZERO, 0, 99, 2, 0), "was announced");
    }

    @Test
    void pagesOfUnknownBlocksAndNegativeNumbersAreRefused() throws IOException, InterruptedException {
        accept(MemoryFrames.LAYOUT, LAYOUT.encode());
        requireRefused(MemoryFrames.PAGES, pages(MemoryFrames.RUN_ZERO, 1, 0, 1, 0), "block 1");
        requireRefused(MemoryFrames.PAGES, pages(MemoryFrames.RUN_ZERO, 0, -1, 1, 0), "block 0");
        requireRefused(MemoryFrames.PAGES, pages(MemoryFrames.RUN_ZERO, 0, 0, -1, 0), "block 0");
        requireRefused(MemoryFrames.PAGES, pages(MemoryFrames.RUN_ZERO, 0, Long.MAX_VALUE, 1, 0), "block 0");
    }

    @Test
    void bodiesOfTheWrongLengthAreRefused() throws IOException, InterruptedException {
        accept(MemoryFrames.LAYOUT, LAYOUT.encode());
        requireRefused(MemoryFrames.PAGES, pages(MemoryFrames.RUN_FULL, 0, 0, 2, 4096), "bytes left");
        requireRefused(MemoryFrames.PAGES, pages(MemoryFrames.RUN_FULL, 0, 0, 1, 5000), "too many");
        requireRefused(MemoryFrames.PAGES, pages(7, 0, 0, 1, 0), "kind of run");
        requireRefused(MemoryFrames.PAGES, ByteBuffer.allocate(4).putInt(0, Integer.MAX_VALUE), "runs");
        requireRefused(MemoryFrames.REFERENCES, ByteBuffer.allocate(6).putShort(4, (short) 3), "3 references");
        requireRefused(99, ByteBuffer.allocate(1), "Unknown kind");
    }

    @Test
    void noiseIsRefusedAndNeverMoreThanThat() throws IOException, InterruptedException {
        accept(MemoryFrames.LAYOUT, LAYOUT.encode());
        for (long seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            byte[] noise = new byte[random.nextInt(100)];
            random.nextBytes(noise);
            try {
                accept(3 + random.nextInt(4), ByteBuffer.wrap(noise));
            } catch (PeerViolationException e) {
                assertThat(e.getMessage()).as("seed %d", seed).isNotEmpty();
            }
        }
    }

    private void accept(int kind, ByteBuffer payload) throws IOException, InterruptedException {
        Frame frame = new Frame(kind, position, payload.remaining(), payload);
        position += payload.remaining();
        receiver.accept(frame, memory);
    }

    private void requireRefused(int kind, ByteBuffer payload, String message) {
        assertThatThrownBy(() -> accept(kind, payload))
                .isInstanceOfSatisfying(
                        PeerViolationException.class,
                        violation -> assertThat(violation.expected()).isNotEmpty())
                .hasMessageContaining(message);
    }

    private static ByteBuffer pages(int kind, int block, long first, int count, int bodyBytes) {
        return ByteBuffer.allocate(Integer.BYTES + MemoryFrames.RUN_BYTES + bodyBytes)
                .putInt(1)
                .put((byte) kind)
                .putShort((short) block)
                .putLong(first)
                .putInt(count)
                .rewind();
    }
}
