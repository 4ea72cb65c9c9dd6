package io.longhaul.engine.transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Frames to bytes and back. Owned by one thread: it holds the checksum of the frame at work.
 *
 * <pre>
 *  0       1       2       3       4       5       6       7
 * +-------+-------+-------+-------+-------+-------+-------+-------+
 * |  'L'  |  'H'  |version| type  |stream | kind  | flags |   0   |   0
 * +-------+-------+-------+-------+-------+-------+-------+-------+
 * |                         frame number                          |   8
 * +---------------------------------------------------------------+
 * |                           position                            |  16
 * +---------------------------------------------------------------+
 * |                            extent                             |  24
 * +-------------------------------+-------------------------------+
 * |        payload length         |  CRC32C of 0..35 and payload  |  32
 * +-------------------------------+-------------------------------+
 * |  payload ...                                                     40
 *
 * payload of an ACK, once per range:      payload of an END: the reason in UTF-8
 * +-------+------------------+------------+
 * |stream | first number (8) | count (4)  |
 * +-------+------------------+------------+
 *
 * payload of a HELD, once per range, may be empty:
 * +-------+----------+------------------+------------+
 * |stream | standing | first number (8) | count (4)  |    standing 1: all below the number are consumed
 * +-------+----------+------------------+------------+             2: consumed, 3: received
 *
 * flag 1, DATA only: the payload is compressed:
 * +------------+---------------+
 * | length (4) | zstd frame ...|    length before compression, at most 1 MiB
 * +------------+---------------+
 * </pre>
 *
 * All numbers are big-endian. One checksum covers both parts: a damaged length costs at most one payload of the largest
 * size before the damage is found.
 */
final class FrameCodec {
    static final int HEADER_BYTES = 40;
    /** Every window must hold one of these, or its sender could wait for ever. */
    static final int LARGEST_FRAME_BYTES = HEADER_BYTES + Frame.PAYLOAD_LIMIT_BYTES;
    /** 13 KiB of payload: with at most a thousand ACK frames a second, still a million ranges. */
    static final int ACK_RANGES_LIMIT = 1024;

    static final int REASON_LIMIT_BYTES = 1024;
    static final int END_CLOSED = 1;
    static final int END_FAILED = 2;
    static final int END_REFUSED = 3;
    static final int HELD_MORE = 1;
    static final int HELD_LAST = 2;

    private static final short MAGIC = 0x4C48;
    private static final byte VERSION = 2;
    private static final int CHECKED_HEADER_BYTES = 36;
    private static final int ACK_RANGE_BYTES = 13;
    private static final int HELD_RANGE_BYTES = 14;
    private static final int COMPRESSED = 1;
    /** The length, and the smallest zstd frame's header and checksum. */
    private static final int COMPRESSED_LEAST_BYTES = 4 + 5;

    private final CRC32C checksum = new CRC32C();
    private int expectedChecksum;

    /** Writes the header at the target's position. The payload, whose position stays, is to follow it on the wire. */
    void encodeHeader(FrameHeader header, ByteBuffer payload, ByteBuffer target) {
        int start = target.position();
        target.putShort(MAGIC)
                .put(VERSION)
                .put((byte) header.type().code())
                .put((byte) header.stream())
                .put((byte) header.kind())
                .put((byte) (header.compressed() ? COMPRESSED : 0))
                .put((byte) 0)
                .putLong(header.number())
                .putLong(header.position())
                .putLong(header.extent())
                .putInt(payload.remaining());
        checksum.reset();
        updateChecksum(target, start);
        int payloadStart = payload.position();
        checksum.update(payload);
        payload.position(payloadStart);
        target.putInt((int) checksum.getValue());
    }

    /**
     * Takes a header from a buffer that has one.
     *
     * @throws WireViolationException where this is no header of an allowed frame; the payload is checked apart
     */
    FrameHeader decodeHeader(ByteBuffer in) throws WireViolationException {
        int start = in.position();
        short magic = in.getShort();
        byte version = in.get();
        if (magic != MAGIC || version != VERSION) {
            throw new WireViolationException(String.format(
                    "a frame starts with 4c48 and version %d, seen was %04x and version %d", VERSION, magic, version));
        }
        FrameType type = FrameType.of(in.get() & 0xFF);
        int stream = in.get() & 0xFF;
        int kind = in.get() & 0xFF;
        int flags = in.getShort() & 0xFFFF;
        boolean compressed = flags == COMPRESSED << 8;
        FrameHeader header =
                new FrameHeader(type, stream, kind, in.getLong(), in.getLong(), in.getLong(), in.getInt(), compressed);
        checkShape(header, compressed ? 0 : flags);
        checksum.reset();
        updateChecksum(in, start);
        expectedChecksum = in.getInt();
        return header;
    }

    /** Checks the payload, whose position stays, and the header decoded last against their checksum. */
    void verify(FrameHeader header, ByteBuffer payload) throws WireViolationException {
        int payloadStart = payload.position();
        checksum.update(payload);
        payload.position(payloadStart);
        if ((int) checksum.getValue() != expectedChecksum) {
            throw new WireViolationException(String.format(
                    "checksum of frame %d of stream %d (%s, %d bytes) is %08x, the frame says %08x",
                    header.number(),
                    header.stream(),
                    header.type(),
                    header.payloadLength(),
                    (int) checksum.getValue(),
                    expectedChecksum));
        }
    }

    static ByteBuffer encodeAcks(List<AckRange> ranges) {
        ByteBuffer payload = ByteBuffer.allocate(ranges.size() * ACK_RANGE_BYTES);
        for (AckRange range : ranges) {
            payload.put((byte) range.stream()).putLong(range.first()).putInt(range.count());
        }
        return payload.flip();
    }

    static List<AckRange> decodeAcks(ByteBuffer payload) throws WireViolationException {
        List<AckRange> ranges = new ArrayList<>(payload.remaining() / ACK_RANGE_BYTES);
        while (payload.hasRemaining()) {
            AckRange range = new AckRange(payload.get() & 0xFF, payload.getLong(), payload.getInt());
            if (range.first() < 0 || range.count() < 1) {
                throw new WireViolationException("an acknowledged range is impossible: " + range);
            }
            ranges.add(range);
        }
        return ranges;
    }

    static ByteBuffer encodeHeld(List<HeldRange> ranges) {
        ByteBuffer payload = ByteBuffer.allocate(ranges.size() * HELD_RANGE_BYTES);
        for (HeldRange range : ranges) {
            payload.put((byte) range.stream()).put((byte) range.standing().code());
            payload.putLong(range.first()).putInt(range.count());
        }
        return payload.flip();
    }

    static List<HeldRange> decodeHeld(ByteBuffer payload) throws WireViolationException {
        List<HeldRange> ranges = new ArrayList<>(payload.remaining() / HELD_RANGE_BYTES);
        while (payload.hasRemaining()) {
            int stream = payload.get() & 0xFF;
            HeldRange.Standing standing = HeldRange.Standing.of(payload.get());
            HeldRange range = new HeldRange(stream, standing, payload.getLong(), payload.getInt());
            if (range.first() < 0 || range.count() < 1) {
                throw new WireViolationException("a held range is impossible: " + range);
            }
            ranges.add(range);
        }
        return ranges;
    }

    static ByteBuffer encodeReason(String reason) {
        byte[] bytes = reason.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, REASON_LIMIT_BYTES));
    }

    /** Control characters are replaced: the reason goes to logs and screens. */
    static String decodeReason(ByteBuffer payload) {
        return StandardCharsets.UTF_8.decode(payload).toString().replaceAll("\\p{Cntrl}", "?");
    }

    private void updateChecksum(ByteBuffer buffer, int start) {
        int limit = buffer.limit();
        buffer.position(start).limit(start + CHECKED_HEADER_BYTES);
        checksum.update(buffer);
        buffer.limit(limit);
    }

    private static void checkShape(FrameHeader header, int unknownFlags) throws WireViolationException {
        boolean kindFits = switch (header.type()) {
            case DATA -> header.kind() != 0;
            case END -> header.kind() >= END_CLOSED && header.kind() <= END_REFUSED;
            case HELD -> header.kind() == HELD_MORE || header.kind() == HELD_LAST;
            case ACK, PING, PONG, ALIVE, ASK -> header.kind() == 0;
        };
        boolean isData = header.type() == FrameType.DATA;
        boolean flagsFit = unknownFlags == 0 && (isData || !header.compressed());
        if (!kindFits || !flagsFit || (header.stream() != 0 && !isData) || header.number() < 0) {
            throw new WireViolationException("a frame's header is impossible: " + header + ", flags " + unknownFlags);
        }
        if (!lengthFits(header, header.payloadLength())) {
            throw new WireViolationException("a frame's payload has an impossible length: " + header);
        }
    }

    private static boolean lengthFits(FrameHeader header, int length) {
        return switch (header.type()) {
            case DATA ->
                length >= (header.compressed() ? COMPRESSED_LEAST_BYTES : 0) && length <= Frame.PAYLOAD_LIMIT_BYTES;
            case ACK -> length > 0 && areRanges(length, ACK_RANGE_BYTES);
            case HELD -> areRanges(length, HELD_RANGE_BYTES);
            case END -> length >= 0 && length <= REASON_LIMIT_BYTES;
            case PING, PONG, ALIVE, ASK -> length == 0;
        };
    }

    private static boolean areRanges(int length, int rangeBytes) {
        return length >= 0 && length <= ACK_RANGES_LIMIT * rangeBytes && length % rangeBytes == 0;
    }
}
