package io.longhaul.controlplane.problems;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The place in a list where the next page begins, in a form that clients do not take apart. */
public final class Cursor {

    private static final String MARK = "after:";

    private Cursor() {}

    public static String write(String lastKey) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((MARK + lastKey).getBytes(StandardCharsets.UTF_8));
    }

    public static String read(String cursor) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
            if (text.startsWith(MARK)) {
                return text.substring(MARK.length());
            }
        } catch (IllegalArgumentException e) {
            // Refused below like any other text that was not made here.
        }
        throw ProblemCode.INVALID_CURSOR.exception("The cursor cannot be read.", cursor, "`nextCursor` of a page");
    }
}
