package io.longhaul.agent.problems;

import io.longhaul.api.model.Problem;
import jakarta.validation.ConstraintViolationException;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/** Answers every failed request with a problem. Thread safe. */
@RestControllerAdvice
final class ProblemAdvice {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);

    private final ProblemModels models;

    ProblemAdvice(ProblemModels models) {
        this.models = models;
    }

    @ExceptionHandler
    ResponseEntity<Problem> onProblem(ProblemException e) {
        LOG.info("Refused a request: {}", e.getMessage());
        return answer(e.description());
    }

    @ExceptionHandler({
        ConstraintViolationException.class,
        HttpMessageNotReadableException.class,
        InvalidParameterException.class,
        MethodArgumentTypeMismatchException.class
    })
    ResponseEntity<Problem> onMalformed(Exception e) {
        return answer(malformed(String.valueOf(e.getMessage())));
    }

    /** Every path that is not made here came with the request. */
    @ExceptionHandler
    ResponseEntity<Problem> onInvalidPath(InvalidPathException e) {
        return answer(malformed("a path that cannot be one: " + e.getReason()));
    }

    @ExceptionHandler
    ResponseEntity<Problem> onStorageFailure(UncheckedIOException e) {
        LOG.error("A file could not be read or written", e);
        return answer(new ProblemDescription(
                ProblemCode.HOST_STORAGE_FAILED,
                "A file of the host could not be read or written",
                String.valueOf(e.getMessage()),
                "storage that works",
                ""));
    }

    /** Spring's own exceptions know their status; everything else is a fault of ours. */
    @ExceptionHandler
    ResponseEntity<Problem> onAnythingElse(Exception e) {
        if (e instanceof ErrorResponse response) {
            return answerWithStatus(response.getStatusCode(), String.valueOf(e.getMessage()));
        }
        LOG.error("A request failed for a reason nobody expected", e);
        return answer(new ProblemDescription(
                ProblemCode.INTERNAL_ERROR, "The agent met a state it does not expect", e.toString(), "", ""));
    }

    private ResponseEntity<Problem> answerWithStatus(HttpStatusCode status, String message) {
        ProblemCode code = status.value() == 404 ? ProblemCode.NO_SUCH_RESOURCE : ProblemCode.MALFORMED_REQUEST;
        Problem problem =
                models.of(new ProblemDescription(code, message, message, "a request as the API defines it", ""));
        problem.setStatus(status.value());
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(problem);
    }

    private static ProblemDescription malformed(String message) {
        String bounded = message.length() > 1000 ? message.substring(0, 1000) : message;
        return new ProblemDescription(
                ProblemCode.MALFORMED_REQUEST,
                "The request cannot be understood",
                bounded,
                "a request as the API defines it",
                "");
    }

    private ResponseEntity<Problem> answer(ProblemDescription description) {
        return ResponseEntity.status(description.code().status())
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(models.of(description));
    }
}
