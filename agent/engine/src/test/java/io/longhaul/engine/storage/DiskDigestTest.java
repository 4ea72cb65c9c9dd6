package io.longhaul.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class DiskDigestTest {
    @Test
    void hashesTheHashesOfTheBlocksWhateverIsToldOfHoles() throws IOException, NoSuchAlgorithmException {
        for (int size : new int[] {0, 1, 1 << 20, (5 << 20) + 512}) {
            Random random = new Random(size);
            SimulatedDisk disk = new SimulatedDisk(size, random, () -> {});
            random.nextBytes(disk.content);
            Arrays.fill(disk.content, size / 3, size, (byte) 0);
            if (size > 0) {
                disk.content[size - 1] = 1;
            }
            assertThat(DiskDigest.of(disk, () -> false)).isEqualTo(expected(disk.content));
        }
    }

    @Test
    void stopsWhenCancelled() {
        SimulatedDisk disk = new SimulatedDisk(3 << 20, new Random(1), () -> {});
        assertThatThrownBy(() -> DiskDigest.of(disk, () -> true)).isInstanceOf(InterruptedIOException.class);
    }

    private static String expected(byte[] content) throws NoSuchAlgorithmException {
        MessageDigest whole = MessageDigest.getInstance("SHA-256");
        for (int offset = 0; offset < content.length; offset += 1 << 20) {
            int end = Math.min(content.length, offset + (1 << 20));
            whole.update(MessageDigest.getInstance("SHA-256").digest(Arrays.copyOfRange(content, offset, end)));
        }
        return HexFormat.of().formatHex(whole.digest());
    }
}
