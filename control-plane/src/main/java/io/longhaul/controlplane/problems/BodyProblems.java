package io.longhaul.controlplane.problems;

import io.longhaul.api.model.Problem;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;

/** What is wrong with a body that cannot be read, in words of the API. Pure. */
final class BodyProblems {

    /** The parser says what it saw only in its own sentences. */
    private static final Pattern VALUE = Pattern.compile("value \\((.*?)\\)(?: to | of | from |$)|value '(.*?)'");

    private static final String OTHER_KIND = "a value of another kind";
    private static final Pattern TOKEN = Pattern.compile("JsonToken\\.([A-Z_]+)");
    private static final Pattern NUMBER = Pattern.compile("\\((-?[0-9][^)\\s]*)");
    private static final Map<String, String> TOKENS = Map.of(
            "START_OBJECT", "an object",
            "PROPERTY_NAME", "an object",
            "START_ARRAY", "a list",
            "VALUE_STRING", "text",
            "VALUE_NUMBER_INT", "a whole number",
            "VALUE_NUMBER_FLOAT", "a number with a fraction",
            "VALUE_TRUE", "true",
            "VALUE_FALSE", "false",
            "VALUE_NULL", "null");

    private BodyProblems() {}

    static Problem of(JacksonException e) {
        if (e instanceof DatabindException wrong) {
            return wrongField(wrong);
        }
        if (e instanceof InputCoercionException tooLarge) {
            return outOfRange(tooLarge);
        }
        return malformed(e);
    }

    private static Problem wrongField(DatabindException e) {
        String field = field(e);
        if (e instanceof UnrecognizedPropertyException unknown) {
            return ProblemCode.INVALID_FIELD
                    .problem("The field " + field + " is unknown.")
                    .seen(field)
                    .expected("one of "
                            + unknown.getKnownPropertyIds().stream()
                                    .map(String::valueOf)
                                    .sorted()
                                    .collect(Collectors.joining(", ")));
        }
        if (field.isEmpty() && message(e).startsWith("Trailing token")) {
            return ProblemCode.MALFORMED_REQUEST
                    .problem("Something follows the JSON object.")
                    .expected("one JSON object");
        }
        return ProblemCode.INVALID_FIELD
                .problem((field.isEmpty() ? "The body" : "The field " + field) + " has a wrong value.")
                .seen(seen(e))
                .expected(PlainWords.expected(expected(e)));
    }

    private static Problem outOfRange(InputCoercionException e) {
        String field = field(e);
        Matcher number = NUMBER.matcher(message(e));
        return ProblemCode.INVALID_FIELD
                .problem((field.isEmpty() ? "A number in the body" : "The field " + field) + " is out of range.")
                .seen(number.find() ? PlainWords.shortened(number.group(1)) : "a number out of range")
                .expected(
                        e.getTargetType() == int.class
                                ? "a whole number of at most 32 bits"
                                : "a whole number of at most 64 bits");
    }

    private static Problem malformed(JacksonException e) {
        String place = e.getLocation() == null
                ? ""
                : " at line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr();
        return ProblemCode.MALFORMED_REQUEST
                .problem("The body is not JSON" + place + ".")
                .seen("what is no JSON" + place)
                .expected("a JSON object");
    }

    private static String field(JacksonException e) {
        return e.getPath().stream()
                .map(step -> step.getPropertyName() == null ? "[" + step.getIndex() + "]" : step.getPropertyName())
                .collect(Collectors.joining("."))
                .replace(".[", "[");
    }

    private static @Nullable Class<?> expected(DatabindException e) {
        if (e instanceof ValueInstantiationException value) {
            return value.getType().getRawClass();
        }
        return e instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : null;
    }

    private static String seen(DatabindException e) {
        if (e instanceof InvalidFormatException format) {
            return PlainWords.seen(format.getValue());
        }
        Matcher token = TOKEN.matcher(message(e));
        if (token.find()) {
            return TOKENS.getOrDefault(token.group(1), OTHER_KIND);
        }
        Matcher value = VALUE.matcher(message(e));
        return Optional.of(value)
                .filter(Matcher::find)
                .map(found -> PlainWords.shortened(
                        Objects.requireNonNullElse(found.group(1) == null ? found.group(2) : found.group(1), "")))
                .orElse(OTHER_KIND);
    }

    private static String message(JacksonException e) {
        return String.valueOf(e.getOriginalMessage());
    }
}
