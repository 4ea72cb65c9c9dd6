package io.longhaul.bench.tour;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Amounts in words of a fixed width of meaning: three digits and a unit. Stateless. */
final class Amounts {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private Amounts() {}

    static String bytes(@Nullable Long count) {
        if (count == null) {
            return "?";
        }
        double amount = count;
        int unit = 0;
        while (amount >= 1000 && unit < UNITS.length - 1) {
            amount /= 1024;
            unit++;
        }
        return unit == 0 ? count + " B" : threeDigits(amount) + " " + UNITS[unit];
    }

    static String rate(@Nullable Long bytesPerSecond) {
        return bytes(bytesPerSecond) + "/s";
    }

    static String millis(double millis) {
        if (millis < 1000) {
            return (millis < 10 ? threeDigits(millis) : Long.toString(Math.round(millis))) + " ms";
        }
        double seconds = millis / 1000;
        if (seconds < 120) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        long whole = Math.round(seconds);
        return whole / 60 + " min " + whole % 60 + " s";
    }

    private static String threeDigits(double amount) {
        String format = amount < 10 ? "%.2f" : amount < 100 ? "%.1f" : "%.0f";
        return String.format(Locale.ROOT, format, amount);
    }
}
