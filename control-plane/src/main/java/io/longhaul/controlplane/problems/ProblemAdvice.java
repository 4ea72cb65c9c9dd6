package io.longhaul.controlplane.problems;

import io.longhaul.api.model.Problem;
import jakarta.validation.ConstraintViolationException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.core.ResolvableType;
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

/** Turns whatever a request ran into into a problem. Immutable. */
@RestControllerAdvice
class ProblemAdvice {

    private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

    private static final Map<String, String> HEADERS =
            Map.of("idempotencyKey", "Idempotency-Key", "lastEventId", "Last-Event-ID");

    /** A parameter that breaks its rule. */
    private record Wrong(String name, @Nullable Object value, String rule) {}

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
        Optional<JacksonException> malformed = cause(e, JacksonException.class);
        if (malformed.isPresent()) {
            return answer(BodyProblems.of(malformed.get()));
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
                        .map(error -> error.getField() + " = " + PlainWords.seen(error.getRejectedValue()))
                        .sorted()
                        .collect(Collectors.joining("; ")))
                .expected(fields));
    }

    @ExceptionHandler
    ResponseEntity<byte[]> onInvalidParameter(HandlerMethodValidationException e) {
        return invalidParameters(e.getParameterValidationResults().stream()
                .flatMap(result -> result.getResolvableErrors().stream()
                        .map(error -> new Wrong(
                                sentName(String.valueOf(
                                        result.getMethodParameter().getParameterName())),
                                result.getArgument(),
                                String.valueOf(error.getDefaultMessage()))))
                .toList());
    }

    @ExceptionHandler
    ResponseEntity<byte[]> onInvalidParameter(ConstraintViolationException e) {
        return invalidParameters(e.getConstraintViolations().stream()
                .map(violation -> new Wrong(
                        sentName(lastPart(violation.getPropertyPath().toString())),
                        violation.getInvalidValue(),
                        violation.getMessage()))
                .toList());
    }

    @ExceptionHandler
    ResponseEntity<byte[]> onMistypedParameter(TypeMismatchException e) {
        String name = String.valueOf(e.getPropertyName());
        Class<?> type = e.getRequiredType();
        if (e instanceof MethodArgumentTypeMismatchException argument) {
            name = argument.getName();
            type = ResolvableType.forMethodParameter(argument.getParameter())
                    .asCollection()
                    .getGeneric(0)
                    .resolve(type == null ? Object.class : type);
        }
        return answer(ProblemCode.INVALID_FIELD
                .problem("The parameter " + sentName(name) + " has a wrong value.")
                .seen(PlainWords.seen(e.getValue()))
                .expected(PlainWords.expected(type)));
    }

    @ExceptionHandler
    ResponseEntity<byte[]> onMissingParameter(ServletRequestBindingException e) {
        return answer(ProblemCode.INVALID_FIELD
                .problem(Objects.requireNonNullElse(e.getBody().getDetail(), "A parameter is missing."))
                .seen("no such parameter")
                .expected("the parameter"));
    }

    /** Such as %ff, which is no UTF-8. */
    @ExceptionHandler
    ResponseEntity<byte[]> onUndecodableParameter(InvalidParameterException e) {
        return answer(ProblemCode.MALFORMED_REQUEST
                .problem("A parameter cannot be decoded.")
                .seen(PlainWords.seen(e.getMessage()))
                .expected("parameters in UTF-8, percent-encoded"));
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

    private ResponseEntity<byte[]> invalidParameters(List<Wrong> wrong) {
        return answer(ProblemCode.INVALID_FIELD
                .problem("A parameter is not right: " + joined(wrong, one -> one.name() + " " + one.rule()) + ".")
                .seen(joined(wrong, one -> one.name() + " = " + PlainWords.seen(one.value())))
                .expected(joined(wrong, one -> one.name() + " " + one.rule())));
    }

    private static String joined(List<Wrong> wrong, Function<Wrong, String> words) {
        return wrong.stream().map(words).sorted().collect(Collectors.joining("; "));
    }

    /** A header's name as the client sends it, not as our methods call it. */
    private static String sentName(String parameter) {
        return HEADERS.getOrDefault(parameter, parameter);
    }

    private static String lastPart(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }
}
