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

/**
 * Refuses bodies that no command can have: by their declared length before anything is read, by counting where none is
 * declared. Thread safe.
 */
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
        if (request.getContentLengthLong() <= LIMIT_BYTES) {
            chain.doFilter(new LimitedRequest(request, LIMIT_BYTES), response);
            return;
        }
        ProblemDescription description =
                LimitedRequest.tooLarge(request.getContentLengthLong() + " bytes", LIMIT_BYTES);
        response.setStatus(ProblemCode.BODY_TOO_LARGE.status());
        response.setHeader(HttpHeaders.CONNECTION, "close");
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.getOutputStream().write(mapper.writeValueAsBytes(problems.of(description)));
    }
}
