package io.longhaul.engine.memory;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The strong hash of a page, cut to 16 bytes: 2^64 guesses for a page that is taken for another. Owned by one thread. */
final class PageHash {
    private final MessageDigest digest;

    PageHash() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** At least {@link MemoryFrames#HASH_BYTES} bytes. */
    byte[] of(byte[] array, int offset) {
        digest.update(array, offset, QemuStream.PAGE_BYTES);
        return digest.digest();
    }
}
