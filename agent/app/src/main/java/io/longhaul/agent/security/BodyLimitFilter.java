package io.longhaul.agent.security;

import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.problems.ProblemDescription;
import io.longhaul.agent.problems.ProblemModels;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import tools.jackson.databind.json.JsonMapper;

/** Refuses bodies that no command can have, before they are read. Thread safe. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 200)
final class BodyLimitFilter extends OncePerRequestFilter {
    /** The largest definition, with every list full, has about half of it. */
    static final long LIMIT_BYTES = 1 << 20;

    private final ProblemModels problems;
    private final JsonMapper mapper;

    BodyLimitFilter(ProblemModels problems, JsonMapper mapper) {
        this.problems = problems;
        this.mapper = mapper;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        boolean unbounded =
                request.getContentLengthLong() < 0 && request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
        if (request.getContentLengthLong() <= LIMIT_BYTES && !unbounded) {
            chain.doFilter(request, response);
            return;
        }
        String seen = unbounded ? "a body of unknown length" : request.getContentLengthLong() + " bytes";
        ProblemDescription description = new ProblemDescription(
                ProblemCode.BODY_TOO_LARGE,
                "The request's body is larger than any command is",
                seen,
                "a Content-Length of at most " + LIMIT_BYTES,
                "");
        response.setStatus(description.code().status());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.getOutputStream().write(mapper.writeValueAsBytes(problems.of(description)));
    }
}
