package io.longhaul.engine.transport;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * What may come over a connection: whole frames, or a WireViolationException. Checksums are set right first, because no
 * fuzzer gets past them; an input whose first byte is odd is taken as it is.
 */
public final class FrameReaderFuzz {
    private static final int CHECKED_BYTES = 36;
    private static final int LENGTH_AT = 32;

    private FrameReaderFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] wire = java.util.Arrays.copyOfRange(input, 1, input.length);
        if ((input[0] & 1) == 0) {
            setChecksums(wire);
        }
        FrameReader reader =
                new FrameReader(new BytesConnection(ByteBuffer.wrap(wire)), new PayloadBuffers(1 << 20), bytes -> {});
        int position = 0;
        try {
            for (var received = reader.read(); received != null; received = reader.read()) {
                int wireBytes = FrameCodec.HEADER_BYTES + ByteBuffer.wrap(wire).getInt(position + LENGTH_AT);
                // What was compressed may be compressed in many ways.
                if (received.header().wireBytes() == wireBytes) {
                    check(received, wire, position);
                }
                position += wireBytes;
            }
        } catch (WireViolationException | EOFException allowed) {
            return;
        } catch (IOException e) {
            throw new AssertionError("memory does not fail", e);
        }
        if (position != wire.length) {
            throw new AssertionError("ended at " + position + " of " + wire.length);
        }
    }

    /** Gives these bytes and ends. */
    private record BytesConnection(ByteBuffer bytes) implements Connection {
        @Override
        public int read(ByteBuffer target) {
            if (!bytes.hasRemaining()) {
                return -1;
            }
            int count = Math.min(target.remaining(), bytes.remaining());
            target.put(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
            return count;
        }

        @Override
        public long write(ByteBuffer[] sources) throws IOException {
            throw new IOException("nobody is at the other end");
        }

        @Override
        public void finishWriting() {}

        @Override
        public boolean couldBe(String hostName) {
            return true;
        }

        @Override
        public String peer() {
            return "a fuzzer";
        }

        @Override
        public void close() {}
    }

    private static void setChecksums(byte[] wire) {
        ByteBuffer bytes = ByteBuffer.wrap(wire);
        for (long start = 0; start + FrameCodec.HEADER_BYTES <= wire.length; ) {
            int at = (int) start;
            long end = start + FrameCodec.HEADER_BYTES + Integer.toUnsignedLong(bytes.getInt(at + LENGTH_AT));
            CRC32C checksum = new CRC32C();
            checksum.update(wire, at, CHECKED_BYTES);
            if (end <= wire.length) {
                checksum.update(wire, at + FrameCodec.HEADER_BYTES, (int) end - at - FrameCodec.HEADER_BYTES);
            }
            bytes.putInt(at + CHECKED_BYTES, (int) checksum.getValue());
            start = end;
        }
    }

    /** What is encoded anew is what came. */
    private static void check(FrameReader.Received received, byte[] wire, int position) throws WireViolationException {
        ByteBuffer header = ByteBuffer.allocate(FrameCodec.HEADER_BYTES);
        new FrameCodec().encodeHeader(received.header(), received.payload(), header);
        if (!header.flip().equals(ByteBuffer.wrap(wire, position, FrameCodec.HEADER_BYTES))) {
            throw new AssertionError("not the same frame: " + received.header());
        }
        switch (received.header().type()) {
            case ACK -> {
                List<AckRange> ranges = FrameCodec.decodeAcks(received.payload().duplicate());
                if (!FrameCodec.encodeAcks(ranges).equals(received.payload())) {
                    throw new AssertionError("not the same ranges: " + ranges);
                }
            }
            case END -> FrameCodec.decodeReason(received.payload());
            case HELD -> FrameCodec.decodeHeld(received.payload().duplicate());
            case DATA, PING, PONG, ALIVE, ASK -> received.header().withPayload(received.payload());
        }
    }

    public static List<byte[]> seeds() {
        ByteBuffer data = ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5});
        ByteBuffer acks = FrameCodec.encodeAcks(List.of(new AckRange(16, 7, 3), new AckRange(1, 0, 1)));
        ByteBuffer reason = FrameCodec.encodeReason("over\n");
        return List.of(
                frames(
                        0,
                        wire(FrameHeader.ofData(16, 8, new Frame(1, 65_536, 3, data)), data),
                        wire(FrameHeader.of(FrameType.ACK, 0, acks.remaining()), acks),
                        wire(FrameHeader.ofPing(5), ByteBuffer.allocate(0)),
                        wire(FrameHeader.ofPong(5, 6, 7), ByteBuffer.allocate(0)),
                        wire(FrameHeader.of(FrameType.ALIVE, 0, 0), ByteBuffer.allocate(0)),
                        wire(FrameHeader.of(FrameType.END, FrameCodec.END_FAILED, reason.remaining()), reason)),
                frames(1, wire(FrameHeader.ofData(0, 0, new Frame(4, 0, 0, data)), data)));
    }

    private static byte[] wire(FrameHeader header, ByteBuffer payload) {
        ByteBuffer target = ByteBuffer.allocate(FrameCodec.HEADER_BYTES + payload.remaining());
        new FrameCodec().encodeHeader(header, payload, target);
        return target.put(payload.duplicate()).array();
    }

    private static byte[] frames(int mode, byte[]... frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(mode);
        for (byte[] frame : frames) {
            all.writeBytes(frame);
        }
        return all.toByteArray();
    }
}
