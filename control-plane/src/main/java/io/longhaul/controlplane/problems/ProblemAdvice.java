package io.longhaul.controlplane.problems;

import io.longhaul.api.model.Problem;
import jakarta.validation.ConstraintViolationException;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.ServletRequestBindingException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.NoHandlerFoundException;
import org.springframework.web.servlet.resource.NoResourceFoundException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Turns whatever a request ran into into a problem. Immutable. */
@RestControllerAdvice
class ProblemAdvice {

    private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

    /** Names of our classes mean nothing to a client. */
    private static final Pattern JAVA_PACKAGE = Pattern.compile("(?:[a-z]+\\.){2,}(?=[A-Z])");

    private final ProblemResponses responses;

    ProblemAdvice(ProblemResponses responses) {
        this.responses = responses;
    }

    static Problem bodyTooLarge(long limitBytes) {
        return ProblemCode.BODY_TOO_LARGE
                .problem("The request body is larger than this path takes.")
                .expected("at most " + limitBytes + " bytes");
    }

    @ExceptionHandler
    ResponseEntity<byte[]> onProblem(ProblemException e) {
        return answer(e.problem());
    }

    @ExceptionHandler
    ResponseEntity<byte[]> onUnreadable(HttpMessageNotReadableException e) {
        Optional<BodyTooLargeException> tooLarge = cause(e, BodyTooLargeException.class);
        if (tooLarge.isPresent()) {
            HttpHeaders close = new HttpHeaders();
            close.set(HttpHeaders.CONNECTION, "close");
            return responses.entity(bodyTooLarge(tooLarge.get().limitBytes()), close);
        }
        Optional<DatabindException> wrong = cause(e, DatabindException.class);
        if (wrong.isPresent()) {
            return answer(wrongField(wrong.get()));
        }
        Optional<JacksonException> malformed = cause(e, JacksonException.class);
        if (malformed.isPresent()) {
            return answer(malformed(malformed.get()));
        }
        return answer(ProblemCode.MALFORMED_REQUEST
                .problem("The request has no readable body.")
                .expected("a JSON object"));
    }

    @ExceptionHandler
    ResponseEntity<byte[]> onInvalidBody(MethodArgumentNotValidException e) {
        String fields = e.getBindingResult().getFieldErrors().stream()
                .map(error -> error.getField() + " " + error.getDefaultMessage())
                .sorted()
                .collect(Collectors.joining("; "));
        return answer(ProblemCode.INVALID_FIELD
                .problem("The body is not right: " + fields + ".")
                .seen(e.getBindingResult().getFieldErrors().stream()
                        .map(error -> error.getField() + " = " + shortened(error.getRejectedValue()))
                        .sorted()
                        .collect(Collectors.joining("; ")))
                .expected(fields));
    }

    @ExceptionHandler
    ResponseEntity<byte[]> onInvalidParameter(HandlerMethodValidationException e) {
        String parameters = e.getParameterValidationResults().stream()
                .flatMap(result -> result.getResolvableErrors().stream()
                        .map(error -> result.getMethodParameter().getParameterName() + " " + error.getDefaultMessage()))
                .sorted()
                .collect(Collectors.joining("; "));
        return answer(ProblemCode.INVALID_FIELD.problem("A parameter is not right: " + parameters + "."));
    }

    @ExceptionHandler
    ResponseEntity<byte[]> onInvalidParameter(ConstraintViolationException e) {
        String parameters = e.getConstraintViolations().stream()
                .map(violation -> lastPart(violation.getPropertyPath().toString()) + " " + violation.getMessage()
                        + ", seen " + shortened(violation.getInvalidValue()))
                .sorted()
                .collect(Collectors.joining("; "));
        return answer(ProblemCode.INVALID_FIELD.problem("A parameter is not right: " + parameters + "."));
    }

    @ExceptionHandler
    ResponseEntity<byte[]> onMistypedParameter(TypeMismatchException e) {
        String name = e instanceof MethodArgumentTypeMismatchException argument
                ? argument.getName()
                : String.valueOf(e.getPropertyName());
        return answer(ProblemCode.INVALID_FIELD
                .problem("The parameter " + name + " has a wrong value.")
                .seen(shortened(e.getValue()))
                .expected(expected(e.getRequiredType())));
    }

    @ExceptionHandler
    ResponseEntity<byte[]> onMissingParameter(ServletRequestBindingException e) {
        return answer(ProblemCode.INVALID_FIELD.problem(
                e.getBody().getDetail() == null
                        ? "A parameter is missing."
                        : e.getBody().getDetail()));
    }

    @ExceptionHandler
    ResponseEntity<byte[]> onMethod(HttpRequestMethodNotSupportedException e) {
        return responses.entity(
                ProblemCode.METHOD_NOT_ALLOWED
                        .problem("The path does not take " + e.getMethod() + ".")
                        .seen(e.getMethod())
                        .expected(String.valueOf(e.getSupportedHttpMethods())),
                e.getHeaders());
    }

    @ExceptionHandler
    ResponseEntity<byte[]> onMediaType(HttpMediaTypeNotSupportedException e) {
        return answer(ProblemCode.UNSUPPORTED_MEDIA_TYPE
                .problem("The path does not take this type of body.")
                .seen(String.valueOf(e.getContentType()))
                .expected(MediaType.APPLICATION_JSON_VALUE));
    }

    @ExceptionHandler
    ResponseEntity<byte[]> onAccept(HttpMediaTypeNotAcceptableException e) {
        return answer(ProblemCode.NOT_ACCEPTABLE
                .problem("The path does not answer in a type the request accepts.")
                .expected(String.valueOf(e.getSupportedMediaTypes())));
    }

    @ExceptionHandler({NoResourceFoundException.class, NoHandlerFoundException.class})
    ResponseEntity<byte[]> onUnknownPath() {
        return answer(ProblemCode.NOT_FOUND.problem("Nothing is served under this path."));
    }

    /** The client has gone: there is nobody to answer. */
    @ExceptionHandler
    void onClientGone(AsyncRequestNotUsableException e) {
        log.debug("A client went away: {}", e.getMessage());
    }

    @ExceptionHandler
    ResponseEntity<byte[]> onFault(Exception e) {
        log.error("A request failed by a fault of ours", e);
        return answer(
                ProblemCode.INTERNAL_ERROR.problem("The request failed by a fault of Longhaul; the log says more."));
    }

    private ResponseEntity<byte[]> answer(Problem problem) {
        return responses.entity(problem, HttpHeaders.EMPTY);
    }

    private static <T> Optional<T> cause(Throwable failure, Class<T> type) {
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
        }
        return Optional.empty();
    }

    private static Problem wrongField(DatabindException e) {
        String field = e.getPath().stream()
                .map(step -> step.getPropertyName() == null ? "[" + step.getIndex() + "]" : step.getPropertyName())
                .collect(Collectors.joining("."))
                .replace(".[", "[");
        if (e instanceof UnrecognizedPropertyException unknown) {
            return ProblemCode.INVALID_FIELD
                    .problem("The field " + field + " is unknown.")
                    .seen(field)
                    .expected("one of "
                            + unknown.getKnownPropertyIds().stream()
                                    .map(String::valueOf)
                                    .sorted()
                                    .toList());
        }
        if (field.isEmpty() && String.valueOf(e.getOriginalMessage()).startsWith("Trailing token")) {
            return ProblemCode.MALFORMED_REQUEST
                    .problem("Something follows the JSON object.")
                    .expected("one JSON object");
        }
        String where = field.isEmpty() ? "The body" : "The field " + field;
        return ProblemCode.INVALID_FIELD
                .problem(where + " has a value of a wrong kind: " + firstLine(e.getOriginalMessage()))
                .seen(field.isEmpty() ? "a body of another kind" : field);
    }

    private static Problem malformed(JacksonException e) {
        String place = e.getLocation() == null
                ? ""
                : " at line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr();
        return ProblemCode.MALFORMED_REQUEST
                .problem("The body is not JSON" + place + ".")
                .seen(firstLine(e.getOriginalMessage()))
                .expected("a JSON object");
    }

    private static String expected(@Nullable Class<?> type) {
        if (type == null) {
            return "another type";
        }
        return type.isEnum()
                ? "one of " + java.util.List.of(type.getEnumConstants())
                : "a value of type " + type.getSimpleName();
    }

    private static String lastPart(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    private static String firstLine(@Nullable String text) {
        return shortened(
                text == null
                        ? ""
                        : JAVA_PACKAGE
                                .matcher(text.lines().findFirst().orElse(""))
                                .replaceAll(""));
    }

    /** Answers never carry more than a line of what the request sent. */
    private static String shortened(@Nullable Object value) {
        String text = String.valueOf(value);
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
}
