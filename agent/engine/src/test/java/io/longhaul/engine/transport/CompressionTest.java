package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.support.Ticker;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CompressionTest {
    private static final int STREAM = 1;
    private static final int BYTES = 128 << 10;

    private final FakeTicker ticker = new FakeTicker();
    private final CompressionPolicy policy = new CompressionPolicy(true, ticker.nanos());

    @Test
    void aSlowWireGetsCompressedAsHardAsTheCompressorKeepsUp() {
        run(2_000, 0.5, 125);
        assertThat(policy.level()).isEqualTo(CompressionLevel.FAST);
    }

    @Test
    void aWireFasterThanTheCompressorIsLeftAlone() {
        run(50_000, 0.9, 2_000);
        assertThat(policy.level()).isEqualTo(CompressionLevel.NONE);
    }

    @Test
    void aStreamThatShrinksByAFifthIsCompressedOnAnyWire() {
        run(2_000, 0.5, 20_000);
        assertThat(policy.level()).isEqualTo(CompressionLevel.NONE);
        assertThat(policy.choose(STREAM, BYTES, ticker.nanos()).level()).isEqualTo(CompressionLevel.FASTEST);
        run(2_000, 0.9, 20_000);
        assertThat(policy.choose(STREAM, BYTES, ticker.nanos()).level()).isEqualTo(CompressionLevel.NONE);
    }

    @Test
    void whatDoesNotShrinkIsOnlySampledAndRarely() {
        long spent = run(4_000, 1.0, 125);
        assertThat(policy.level()).isEqualTo(CompressionLevel.NONE);
        long passed = ticker.nanos() - new FakeTicker().nanos();
        assertThat((double) spent / passed).isLessThan(0.02);
    }

    @Test
    void aWireThatBecomesFastIsLeftAloneAgain() {
        run(2_000, 0.5, 125);
        assertThat(policy.level()).isNotEqualTo(CompressionLevel.NONE);
        run(200_000, 0.5, 20_000);
        assertThat(policy.level()).isEqualTo(CompressionLevel.NONE);
    }

    @Test
    void aPocketOfCompressedDataIsPassedOver() {
        StreamGain gain = new StreamGain();
        int tried = 0;
        for (int frame = 0; frame < 1_000; frame++) {
            if (!gain.skips()) {
                tried++;
                gain.tried(false);
            }
        }
        assertThat(tried).isLessThan(50);
        gain.tried(true);
        assertThat(gain.skips()).isFalse();
    }

    @Test
    void smallFramesAndASwitchedOffLinkAreNotTouched() {
        CompressionPolicy off = new CompressionPolicy(false, ticker.nanos());
        assertThat(off.choose(STREAM, BYTES, ticker.nanos()).sample()).isEqualTo(CompressionLevel.NONE);
        assertThat(policy.choose(STREAM, 100, ticker.nanos()).sample()).isEqualTo(CompressionLevel.NONE);
    }

    @Test
    void payloadsComeBackAsTheyWereWhateverTheirBuffer() throws WireViolationException {
        long seed = new Random().nextLong();
        System.out.println("payloadsComeBack seed " + seed);
        Random random = new Random(seed);
        run(2_000, 0.5, 125);
        LinkCounters link = new LinkCounters();
        TransportCounters counters = new TransportCounters();
        try (PayloadCompressor compressor = new PayloadCompressor(policy, counters, link, Ticker.system())) {
            for (int round = 0; round < 100; round++) {
                ByteBuffer payload = compressible(random);
                ByteBuffer packed = compressor.pack(STREAM, payload);
                if (packed != null) {
                    ByteBuffer wire =
                            ByteBuffer.allocate(packed.remaining()).put(packed).flip();
                    assertThat(PayloadExpander.expand(wire, new PayloadBuffers(1 << 20)))
                            .isEqualTo(payload);
                }
            }
        }
        assertThat(counters.compressedFrames()).isPositive();
        assertThat(link.compression().bytesSaved()).isPositive();
    }

    @Test
    void aCappedLinkCompressesAndEverythingArrives() throws LinkException, InterruptedException {
        try (LinkPair pair = LinkPair.open(LinkPair.settings())) {
            pair.source().limitRate(20_000_000);
            List<Long> wrong = new CopyOnWriteArrayList<>();
            pair.destination().receive(Link.StreamId.MEMORY, (number, frame, consumed) -> {
                if (!frame.payload().equals(payload(number))) {
                    wrong.add(number);
                }
                consumed.run();
            });
            StreamSender sender = pair.source().sender(Link.StreamId.MEMORY);
            for (int index = 0; index < 200; index++) {
                sender.send(new Frame(1, index, BYTES, payload(index)));
            }
            sender.awaitAcknowledged();
            assertThat(wrong).isEmpty();
            Link.Compression seen = pair.source().statistics().compression();
            assertThat(seen.bytesBeforeCompression()).isPositive();
            assertThat(seen.bytesSaved()).isPositive();
            assertThat(pair.connector.counters().compressedFrames()).isPositive();
        }
    }

    /** Every third frame is random, the others are half zeros. */
    private static ByteBuffer payload(long number) {
        byte[] bytes = new byte[BYTES];
        Random random = new Random(number);
        random.nextBytes(bytes);
        if (number % 3 != 0) {
            java.util.Arrays.fill(bytes, BYTES / 2, BYTES, (byte) 0);
        }
        return ByteBuffer.wrap(bytes);
    }

    private static ByteBuffer compressible(Random random) {
        byte[] bytes = new byte[CompressionPolicy.LEAST_BYTES + random.nextInt(BYTES)];
        for (int index = 0; index < bytes.length; index++) {
            bytes[index] = (byte) random.nextInt(4);
        }
        ByteBuffer heap = ByteBuffer.wrap(bytes).position(7);
        return switch (random.nextInt(3)) {
            case 0 -> heap;
            case 1 -> heap.asReadOnlyBuffer();
            default -> ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        };
    }

    /**
     * One writer that always has a frame.
     *
     * @return nanoseconds spent compressing
     */
    private long run(int frames, double ratio, int wireMegabytesPerSecond) {
        long spent = 0;
        for (int frame = 0; frame < frames; frame++) {
            CompressionPolicy.Choice choice = policy.choose(STREAM, BYTES, ticker.nanos());
            if (choice.sample() != CompressionLevel.NONE) {
                int bytes = CompressionPolicy.SAMPLE_BYTES;
                long nanos = nanosOf(choice.sample(), bytes);
                policy.sampled(STREAM, choice.sample(), bytes, (int) (bytes * at(choice.sample(), ratio)), nanos);
                ticker.advanceNanos(nanos);
                spent += nanos;
            }
            int onTheWire = BYTES;
            if (choice.level() != CompressionLevel.NONE) {
                int packed = (int) (BYTES * at(choice.level(), ratio));
                long nanos = nanosOf(choice.level(), BYTES);
                onTheWire = policy.compressed(STREAM, choice.level(), BYTES, packed, nanos) ? packed : BYTES;
                ticker.advanceNanos(nanos);
                spent += nanos;
            }
            long writing = onTheWire * 1_000L / wireMegabytesPerSecond;
            policy.wrote(onTheWire, writing);
            ticker.advanceNanos(writing);
        }
        return spent;
    }

    /** Each level takes a tenth more off, where there is something to take. */
    private static double at(CompressionLevel level, double ratio) {
        return ratio == 1 ? 1 : ratio + 0.1 - 0.1 * level.ordinal();
    }

    private static long nanosOf(CompressionLevel level, int bytes) {
        int megabytesPerSecond =
                Objects.requireNonNull(List.of(0, 1_300, 460, 250).get(level.ordinal()));
        return bytes * 1_000L / megabytesPerSecond;
    }
}
