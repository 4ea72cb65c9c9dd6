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

/** Refuses every request below /agent that does not carry the shared secret. Thread safe. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 100)
final class BearerFilter extends OncePerRequestFilter {
    private static final String SCHEME = "Bearer ";

    private final SharedSecret secret;
    private final ProblemModels problems;
    private final JsonMapper mapper;

    BearerFilter(SharedSecret secret, ProblemModels problems, JsonMapper mapper) {
        this.secret = secret;
        this.problems = problems;
        this.mapper = mapper;
    }

    /** Everything but what shows the agent's own health: a path nobody thought of is closed, not open. */
    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return request.getServletPath().startsWith("/actuator/");
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (header != null && header.startsWith(SCHEME) && secret.isProvenBy(header.substring(SCHEME.length()))) {
            chain.doFilter(request, response);
            return;
        }
        refuse(response, header != null);
    }

    private void refuse(HttpServletResponse response, boolean hadHeader) throws IOException {
        ProblemDescription description = new ProblemDescription(
                ProblemCode.UNAUTHORIZED,
                "The request was not answered, for it does not carry this agent's shared secret",
                hadHeader ? "an Authorization header with something else" : "no Authorization header",
                "Authorization: Bearer and the shared secret",
                "");
        response.setStatus(ProblemCode.UNAUTHORIZED.status());
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.getOutputStream().write(mapper.writeValueAsBytes(problems.of(description)));
    }
}
