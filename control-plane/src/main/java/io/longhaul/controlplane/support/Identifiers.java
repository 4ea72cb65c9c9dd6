package io.longhaul.controlplane.support;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.Base64;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * Makes identifiers and secrets. Thread safe.
 *
 * <p>A sorted identifier is a prefix, ten digits of base 32 for the millisecond and ten random ones. Within one process
 * they sort in the order they were made, even within a millisecond and when the clock goes back.
 */
@Component
public class Identifiers {

    private static final String DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final int DIGIT_BITS = 5;
    private static final int HALF_DIGITS = 10;
    private static final long RANDOM_MASK = (1L << (HALF_DIGITS * DIGIT_BITS)) - 1;
    private static final int TOKEN_BYTES = 32;

    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private long lastMillis;
    private long lastRandom;

    public Identifiers(Clock clock) {
        this.clock = clock;
    }

    public synchronized String sorted(String prefix) {
        long now = clock.millis();
        if (now > lastMillis) {
            lastMillis = now;
            // The upper half stays free, so that counting up within a millisecond cannot overflow.
            lastRandom = random.nextLong() & (RANDOM_MASK >> 1);
        } else {
            lastRandom++;
        }
        return prefix + digits(lastMillis) + digits(lastRandom);
    }

    public UUID uuid() {
        return UUID.randomUUID();
    }

    /** 32 random bytes in base64. */
    public String token() {
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static String digits(long value) {
        char[] text = new char[HALF_DIGITS];
        long rest = value;
        for (int i = HALF_DIGITS - 1; i >= 0; i--) {
            text[i] = DIGITS.charAt((int) (rest & ((1 << DIGIT_BITS) - 1)));
            rest >>>= DIGIT_BITS;
        }
        return new String(text);
    }
}
