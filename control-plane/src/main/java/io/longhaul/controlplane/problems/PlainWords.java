package io.longhaul.controlplane.problems;

import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says in words of the API, not of Java or of the JSON parser, what was seen and what would have been right. Pure. */
final class PlainWords {

    /** Answers never carry more than a line of what the request sent. */
    private static final int LONGEST = 200;

    private static final Set<Class<?>> WHOLE_NUMBERS =
            Set.of(int.class, long.class, Integer.class, Long.class, Short.class, Byte.class);
    private static final Set<Class<?>> NUMBERS = Set.of(double.class, float.class, Double.class, Float.class);
    private static final Set<Class<?>> TRUTH_VALUES = Set.of(boolean.class, Boolean.class);

    private PlainWords() {}

    static String expected(@Nullable Class<?> type) {
        if (type == null) {
            return "a value of another kind";
        }
        if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(String::valueOf)
                            .collect(Collectors.joining(", "));
        }
        if (WHOLE_NUMBERS.contains(type)) {
            return "a whole number";
        }
        if (NUMBERS.contains(type)) {
            return "a number";
        }
        if (TRUTH_VALUES.contains(type)) {
            return "true or false";
        }
        if (type == String.class) {
            return "text";
        }
        if (type == UUID.class) {
            return "a UUID";
        }
        return Collection.class.isAssignableFrom(type) || type.isArray() ? "a list" : "an object";
    }

    static String seen(@Nullable Object value) {
        if (value instanceof Collection<?> list) {
            return list.size() + " entries";
        }
        if (value instanceof Map<?, ?> map) {
            return map.size() + " entries";
        }
        if (value instanceof Object[] list) {
            return list.length == 1 ? seen(list[0]) : list.length + " entries";
        }
        boolean plain = value == null
                || value instanceof CharSequence
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof Enum<?>
                || value instanceof UUID;
        return plain ? shortened(String.valueOf(value)) : "an object";
    }

    static String shortened(String text) {
        String line = text.lines().collect(Collectors.joining(" "));
        if (line.isEmpty()) {
            return "nothing";
        }
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
    }
}
