package io.longhaul.engine.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A cheap 64-bit hash of a page, to guess equal content with; what is guessed is checked by a strong hash. Four lanes, so
 * that the multiplications overlap. Pure.
 */
final class PageFingerprint {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ODD_A = 0x9E3779B97F4A7C15L;
    private static final long ODD_B = 0xC2B2AE3D27D4EB4FL;
    private static final int STEP = 4 * Long.BYTES;

    private PageFingerprint() {}

    static boolean isZero(byte[] array, int offset) {
        int end = offset + QemuStream.PAGE_BYTES;
        for (int at = offset; at < end; at += STEP) {
            long any = (long) LONGS.get(array, at)
                    | (long) LONGS.get(array, at + Long.BYTES)
                    | (long) LONGS.get(array, at + 2 * Long.BYTES)
                    | (long) LONGS.get(array, at + 3 * Long.BYTES);
            if (any != 0) {
                return false;
            }
        }
        return true;
    }

    static long of(byte[] array, int offset) {
        long a = ODD_A;
        long b = ODD_B;
        long c = ~ODD_A;
        long d = ~ODD_B;
        int end = offset + QemuStream.PAGE_BYTES;
        for (int at = offset; at < end; at += STEP) {
            a = mix(a, (long) LONGS.get(array, at));
            b = mix(b, (long) LONGS.get(array, at + Long.BYTES));
            c = mix(c, (long) LONGS.get(array, at + 2 * Long.BYTES));
            d = mix(d, (long) LONGS.get(array, at + 3 * Long.BYTES));
        }
        long all = mix(mix(mix(a, b), c), d);
        return all ^ all >>> 32;
    }

    private static long mix(long lane, long word) {
        return Long.rotateLeft(lane ^ word, 29) * ODD_A;
    }
}
