package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameCodecTest {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final FrameCodec codec = new FrameCodec();

    @Test
    void readsBackWhatItWroteWithAnyKindOfBuffer() throws WireViolationException {
        long seed = new Random().nextLong();
        System.out.println("readsBackWhatItWrote seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            ByteBuffer payload = randomPayload(random);
            FrameHeader header = new FrameHeader(
                    FrameType.DATA,
                    random.nextInt(256),
                    1 + random.nextInt(255),
                    random.nextLong() & Long.MAX_VALUE,
                    random.nextLong(),
                    random.nextLong(),
                    payload.remaining());
            int payloadStart = payload.position();
            ByteBuffer wire =
                    ByteBuffer.allocateDirect(3 + FrameCodec.HEADER_BYTES).position(3);
            codec.encodeHeader(header, payload, wire);
            wire.position(3);
            assertThat(codec.decodeHeader(wire)).as("seed %d", seed).isEqualTo(header);
            codec.verify(header, payload);
            assertThat(payload.position()).isEqualTo(payloadStart);
        }
    }

    @Test
    void refusesEveryFlippedBit() throws WireViolationException {
        byte[] payload = {1, 2, 3, 4, 5};
        byte[] frame = new byte[FrameCodec.HEADER_BYTES + payload.length];
        FrameHeader header = new FrameHeader(FrameType.DATA, 16, 3, 77, 4096, 5, payload.length);
        ByteBuffer wire = ByteBuffer.wrap(frame);
        codec.encodeHeader(header, ByteBuffer.wrap(payload), wire);
        wire.put(payload);
        decode(frame);
        for (int bit = 0; bit < frame.length * 8; bit++) {
            byte[] damaged = frame.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> decode(damaged)).as("bit %d", bit).isInstanceOf(WireViolationException.class);
        }
    }

    @Test
    void refusesImpossibleHeadersBeforeAnythingIsAllocated() {
        refuses(new FrameHeader(FrameType.DATA, 1, 0, 0, 0, 0, 0), "kind=0");
        refuses(new FrameHeader(FrameType.DATA, 1, 1, -1, 0, 0, 0), "number=-1");
        refuses(new FrameHeader(FrameType.PING, 1, 0, 0, 0, 0, 0), "stream=1");
        refuses(new FrameHeader(FrameType.ALIVE, 0, 1, 0, 0, 0, 0), "kind=1");
        refuses(new FrameHeader(FrameType.END, 0, 4, 0, 0, 0, 0), "kind=4");
        refuses(FrameHeader.of(FrameType.ACK, 0, 0), "length");
        refusesLength(FrameType.DATA, 1, Frame.PAYLOAD_LIMIT_BYTES + 1);
        refusesLength(FrameType.DATA, 1, -1);
        refusesLength(FrameType.DATA, 1, Integer.MIN_VALUE);
        refusesLength(FrameType.ACK, 0, 14);
        refusesLength(FrameType.ACK, 0, 13 * (FrameCodec.ACK_RANGES_LIMIT + 1));
        refusesLength(FrameType.END, 1, FrameCodec.REASON_LIMIT_BYTES + 1);
        refusesLength(FrameType.PONG, 0, 1);
    }

    @Test
    void refusesUnknownTypesZeroIncluded() {
        for (int code : new int[] {0, 9, 255}) {
            ByteBuffer wire = encoded(FrameHeader.of(FrameType.ALIVE, 0, 0)).put(3, (byte) code);
            assertThatThrownBy(() -> codec.decodeHeader(wire)).hasMessageContaining("type " + code);
        }
        assertThatThrownBy(() -> codec.decodeHeader(ByteBuffer.allocate(FrameCodec.HEADER_BYTES)))
                .isInstanceOf(WireViolationException.class);
    }

    @Test
    void readsBackRangesAndRefusesImpossibleOnes() throws WireViolationException {
        List<AckRange> ranges = List.of(new AckRange(255, 0, 1), new AckRange(0, Long.MAX_VALUE, Integer.MAX_VALUE));
        assertThat(FrameCodec.decodeAcks(FrameCodec.encodeAcks(ranges))).isEqualTo(ranges);
        for (AckRange range : List.of(new AckRange(1, -1, 1), new AckRange(1, 1, 0), new AckRange(1, 1, -5))) {
            ByteBuffer payload = FrameCodec.encodeAcks(List.of(range));
            assertThatThrownBy(() -> FrameCodec.decodeAcks(payload)).isInstanceOf(WireViolationException.class);
        }
    }

    @Test
    void aReasonIsCutToItsLimitAndHarmlessOnAScreen() {
        assertThat(FrameCodec.encodeReason("x".repeat(5000)).remaining()).isEqualTo(FrameCodec.REASON_LIMIT_BYTES);
        assertThat(FrameCodec.decodeReason(FrameCodec.encodeReason("a\u001b[2J\nb")))
                .isEqualTo("a?[2J?b");
    }

    @Test
    void neverFailsOtherwiseOnRandomBytes() {
        long seed = new Random().nextLong();
        System.out.println("neverFailsOtherwise seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[FrameCodec.HEADER_BYTES];
            random.nextBytes(bytes);
            if (round % 2 == 0) {
                System.arraycopy(new byte[] {0x4C, 0x48, 2, (byte) (1 + round % 8)}, 0, bytes, 0, 4);
            }
            try {
                FrameHeader header = codec.decodeHeader(ByteBuffer.wrap(bytes));
                assertThat(header.payloadLength()).as("seed %d", seed).isBetween(0, Frame.PAYLOAD_LIMIT_BYTES);
            } catch (WireViolationException expected) {
                assertThat(expected).hasMessageNotContaining("null");
            }
        }
    }

    private void decode(byte[] frame) throws WireViolationException {
        ByteBuffer wire = ByteBuffer.wrap(frame);
        FrameHeader header = codec.decodeHeader(wire);
        codec.verify(header, wire.slice(FrameCodec.HEADER_BYTES, frame.length - FrameCodec.HEADER_BYTES));
    }

    private void refuses(FrameHeader header, String reason) {
        ByteBuffer wire = encoded(header);
        assertThatThrownBy(() -> codec.decodeHeader(wire))
                .isInstanceOf(WireViolationException.class)
                .hasMessageContaining(reason);
    }

    private void refusesLength(FrameType type, int kind, int length) {
        ByteBuffer wire = encoded(FrameHeader.of(type, kind, 0)).putInt(32, length);
        assertThatThrownBy(() -> codec.decodeHeader(wire))
                .isInstanceOf(WireViolationException.class)
                .hasMessageContaining("impossible length");
    }

    private ByteBuffer encoded(FrameHeader header) {
        ByteBuffer wire = ByteBuffer.allocate(FrameCodec.HEADER_BYTES);
        codec.encodeHeader(header, NOTHING, wire);
        return wire.flip();
    }

    private static ByteBuffer randomPayload(Random random) {
        byte[] bytes = new byte[random.nextInt(5000)];
        random.nextBytes(bytes);
        ByteBuffer heap = ByteBuffer.wrap(bytes).position(bytes.length / 3);
        return switch (random.nextInt(3)) {
            case 0 -> heap;
            case 1 -> heap.asReadOnlyBuffer();
            default -> ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        };
    }
}
