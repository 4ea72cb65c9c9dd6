package io.longhaul.engine.storage;

import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Digests of regions, by which both sides find what they have in common. Owned by one thread.
 *
 * <p>Of SHA-256, because processors have it; 16 bytes of it, because 2^64 regions would have to be tried until two
 * different ones looked alike.
 */
final class SeedDigest {
    private final MessageDigest sha256;
    private final byte[] whole = new byte[32];

    SeedDigest() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The buffer's position and limit stay. @return valid until the next call */
    ByteBuffer of(ByteBuffer region) {
        sha256.update(region.duplicate());
        try {
            int written = sha256.digest(whole, 0, whole.length);
            return ByteBuffer.wrap(whole, 0, Math.min(written, SeedFrames.DIGEST_BYTES));
        } catch (DigestException e) {
            throw new IllegalStateException("SHA-256 has 32 bytes", e);
        }
    }
}
