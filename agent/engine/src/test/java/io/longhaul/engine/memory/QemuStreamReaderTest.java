package io.longhaul.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.transport.LinkException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The reader against good, cut, damaged and made-up streams: it never throws, and nothing is lost. */
class QemuStreamReaderTest {
    private static final int SEEDS = 200;

    /** Long enough to hold every kind of element, short enough to cut it at each byte. */
    private static final byte[] SHORT = shortStream();

    @Test
    void findsPagesBetweenWhatItPassesOn() throws LinkException, InterruptedException {
        Recorder events = read(SHORT);
        assertThat(events.told)
                .containsExactly(
                        "layout [RamBlock[name=a, pages=2], RamBlock[name=bc, pages=1]]",
                        "page 0 1",
                        "zero 1 0",
                        "page 1 0",
                        "paused",
                        "paused",
                        "page 0 0",
                        "ended");
        assertThat(events.fallbacks).isEmpty();
        assertThat(tail(events.opaque.toByteArray(), 5)).containsExactly(4, 1, 2, 3, 4);
    }

    @Test
    void findsTheSameHoweverTheStreamIsCutIntoPieces() throws LinkException, InterruptedException {
        List<String> whole = read(SHORT).told;
        for (int piece = 1; piece < 40; piece++) {
            Recorder events = new Recorder();
            QemuStreamReader reader = new QemuStreamReader(events);
            for (int at = 0; at < SHORT.length; at += piece) {
                reader.feed(ByteBuffer.wrap(SHORT, at, Math.min(piece, SHORT.length - at)));
            }
            reader.end();
            assertThat(events.told).isEqualTo(whole);
        }
    }

    @Test
    void aStreamThatEndsEarlyIsPassedOnAsFarAsItCame() throws LinkException, InterruptedException {
        for (int length = 0; length < SHORT.length - 5; length += 11) {
            Recorder events = read(Arrays.copyOf(SHORT, length));
            assertThat(events.fallbacks).as("length %d", length).isEmpty();
            assertThat(events.told.contains("cut")).as("length %d", length).isNotEqualTo(events.told.contains("ended"));
        }
    }

    @Test
    void anotherVersionIsOpaqueFromTheFirstByte() throws LinkException, InterruptedException {
        byte[] stream = SHORT.clone();
        stream[7] = 4;
        Recorder events = read(stream);
        assertThat(events.told).isEmpty();
        assertThat(events.opaque.toByteArray()).isEqualTo(stream);
        assertThat(events.fallbacks)
                .hasSize(1)
                .first()
                .asString()
                .contains("version 4")
                .contains("at byte 0");
    }

    @Test
    void hugeLengthsAllocateNothing() throws LinkException, InterruptedException {
        byte[] stream = ByteBuffer.allocate(17)
                .putInt(QemuStream.MAGIC)
                .putInt(QemuStream.VERSION)
                .put((byte) QemuStream.CONFIGURATION)
                .putInt(Integer.MAX_VALUE)
                .putInt(1)
                .array();
        Recorder events = read(stream);
        assertThat(events.fallbacks).hasSize(1);
        assertThat(events.opaque.toByteArray()).isEqualTo(stream);
    }

    @Test
    void damagedStreamsNeverThrowAndFallBackOnceAtMost() throws LinkException, InterruptedException {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            byte[] stream = SHORT.clone();
            for (int damage = 0; damage < 1 + random.nextInt(3); damage++) {
                // Most of the stream is pages; what matters is the rest.
                stream[random.nextInt(random.nextBoolean() ? 60 : stream.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Recorder events = read(stream);
            assertThat(events.fallbacks.size()).as("seed %d", seed).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void noiseIsPassedOnAsItIs() throws LinkException, InterruptedException {
        for (long seed = 0; seed < SEEDS; seed++) {
            byte[] noise = new byte[new Random(seed).nextInt(2000)];
            new Random(seed).nextBytes(noise);
            assertThat(read(noise).opaque.toByteArray()).as("seed %d", seed).isEqualTo(noise);
        }
    }

    private static Recorder read(byte[] stream) throws LinkException, InterruptedException {
        Recorder events = new Recorder();
        QemuStreamReader reader = new QemuStreamReader(events);
        reader.feed(ByteBuffer.wrap(stream));
        reader.end();
        return events;
    }

    private static byte[] tail(byte[] bytes, int length) {
        return Arrays.copyOfRange(bytes, bytes.length - length, bytes.length);
    }

    private static byte[] shortStream() {
        ByteBuffer out = ByteBuffer.allocate(4 * 4096);
        out.putInt(QemuStream.MAGIC).putInt(QemuStream.VERSION);
        out.put((byte) QemuStream.CONFIGURATION).putInt(2).put(latin("pc"));
        out.put((byte) QemuStream.SUBSECTION)
                .put((byte) 18)
                .put(latin("configuration/uuid"))
                .putInt(1)
                .put(new byte[16]);
        out.put((byte) QemuStream.COMMAND)
                .putShort((short) 2)
                .putShort((short) 4)
                .putInt(1);
        out.put((byte) QemuStream.SECTION_START)
                .putInt(2)
                .put((byte) 3)
                .put(latin("ram"))
                .putInt(0)
                .putInt(4);
        out.putLong(3 * 4096 | QemuStream.FLAG_MEM_SIZE);
        out.put((byte) 1).put(latin("a")).putLong(2 * 4096);
        out.put((byte) 2).put(latin("bc")).putLong(4096);
        end(out);
        out.put((byte) QemuStream.SECTION_PART).putInt(2);
        out.putLong(4096 | QemuStream.FLAG_PAGE).put((byte) 1).put(latin("a")).put(page(7));
        out.putLong(QemuStream.FLAG_ZERO).put((byte) 2).put(latin("bc")).put((byte) 0);
        out.putLong(QemuStream.FLAG_PAGE | QemuStream.FLAG_CONTINUE).put(page(8));
        end(out);
        out.put((byte) QemuStream.COMMAND).putShort((short) 11).putShort((short) 0);
        out.put((byte) QemuStream.SECTION_END).putInt(2);
        out.putLong(QemuStream.FLAG_PAGE).put((byte) 1).put(latin("a")).put(page(9));
        end(out);
        out.put(new byte[] {4, 1, 2, 3, 4});
        return Arrays.copyOf(out.array(), out.position());
    }

    private static void end(ByteBuffer out) {
        out.putLong(QemuStream.FLAG_EOS).put((byte) QemuStream.FOOTER).putInt(2);
    }

    private static byte[] latin(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    private static byte[] page(int fill) {
        byte[] page = new byte[4096];
        Arrays.fill(page, (byte) fill);
        return page;
    }

    private static final class Recorder implements StreamEvents {
        final List<String> told = new ArrayList<>();
        final List<String> fallbacks = new ArrayList<>();
        final ByteArrayOutputStream opaque = new ByteArrayOutputStream();

        @Override
        public void opaque(byte[] array, int offset, int length) {
            opaque.write(array, offset, length);
        }

        @Override
        public void layout(RamLayout layout) {
            told.add("layout " + layout.blocks());
        }

        @Override
        public void page(int block, long page, byte[] array, int offset) {
            told.add("page " + block + " " + page);
        }

        @Override
        public void zeroPage(int block, long page) {
            told.add("zero " + block + " " + page);
        }

        @Override
        public void paused() {
            told.add("paused");
        }

        @Override
        public void pagesEnded() {
            told.add("ended");
        }

        @Override
        public void cut() {
            told.add("cut");
        }

        @Override
        public void fallback(String reason) {
            fallbacks.add(reason);
        }
    }
}
