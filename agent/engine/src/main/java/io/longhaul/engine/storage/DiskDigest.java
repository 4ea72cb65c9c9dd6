package io.longhaul.engine.storage;

import io.longhaul.engine.hypervisor.DiskReader;
import io.longhaul.engine.hypervisor.DiskReader.Extent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A disk's digest: SHA-256 over the SHA-256 of each block of 1 MiB, the last one shorter. Owned by one thread.
 *
 * <p>Blocks of zeros are not read where the reader knows them for holes, and never hashed, so a thin disk is quick; what
 * a reader knows does not change the digest.
 */
public final class DiskDigest {
    private static final int BLOCK_BYTES = 1 << 20;
    /** A multiple of the block; bounds the list of extents. */
    private static final long STRETCH_BYTES = 1L << 30;

    private static final ByteBuffer ZEROS =
            ByteBuffer.allocateDirect(BLOCK_BYTES).asReadOnlyBuffer();

    private final DiskReader reader;
    private final BooleanSupplier cancelled;
    private final MessageDigest whole = sha256();
    private final MessageDigest block = sha256();
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(BLOCK_BYTES);
    private final byte[] zeroBlock = digest(ZEROS.duplicate());

    private DiskDigest(DiskReader reader, BooleanSupplier cancelled) {
        this.reader = reader;
        this.cancelled = cancelled;
    }

    /**
     * Reads the whole disk.
     *
     * @param cancelled asked before each block
     * @return lower-case hexadecimal
     * @throws InterruptedIOException where it was cancelled
     */
    public static String of(DiskReader reader, BooleanSupplier cancelled) throws IOException {
        return new DiskDigest(reader, cancelled).compute();
    }

    private String compute() throws IOException {
        long size = reader.sizeBytes();
        for (long offset = 0; offset < size; offset += STRETCH_BYTES) {
            addStretch(offset, Math.min(size, offset + STRETCH_BYTES));
        }
        return HexFormat.of().formatHex(whole.digest());
    }

    private void addStretch(long from, long end) throws IOException {
        List<Extent> extents = reader.extents(from, end - from);
        int index = 0;
        for (long offset = from; offset < end; offset += BLOCK_BYTES) {
            if (cancelled.getAsBoolean()) {
                throw new InterruptedIOException("the digest was cancelled");
            }
            int length = (int) Math.min(BLOCK_BYTES, end - offset);
            while (index < extents.size() - 1 && endOf(extents.get(index)) <= offset) {
                index++;
            }
            boolean hole = !extents.isEmpty()
                    && extents.get(index).zero()
                    && extents.get(index).offset() <= offset
                    && endOf(extents.get(index)) >= offset + length;
            whole.update(hole ? zeros(length) : blockDigest(offset, length));
        }
    }

    private byte[] blockDigest(long offset, int length) throws IOException {
        bytes.clear().limit(length);
        reader.read(offset, bytes);
        bytes.flip();
        return ZEROS.slice(0, length).mismatch(bytes) < 0 ? zeros(length) : digest(bytes);
    }

    private byte[] zeros(int length) {
        return length == BLOCK_BYTES ? zeroBlock : digest(ZEROS.slice(0, length));
    }

    private byte[] digest(ByteBuffer content) {
        block.update(content);
        return block.digest();
    }

    private static long endOf(Extent extent) {
        return extent.offset() + extent.lengthBytes();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
