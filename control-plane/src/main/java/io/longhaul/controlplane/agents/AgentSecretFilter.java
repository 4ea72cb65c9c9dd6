package io.longhaul.controlplane.agents;

import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.problems.ProblemResponses;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Lets only agents report. Immutable. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 5)
class AgentSecretFilter extends OncePerRequestFilter {

    private final SharedSecret secret;
    private final ProblemResponses responses;

    AgentSecretFilter(SharedSecret secret, ProblemResponses responses) {
        this.secret = secret;
        this.responses = responses;
    }

    /**
     * Everything but the two public trees, which need no secret; told apart by what is served, after decoding, so that
     * no spelling of the path gets round it.
     */
    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !request.getServletPath().startsWith("/agent-reports");
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (secret.matches(request.getHeader(HttpHeaders.AUTHORIZATION))) {
            chain.doFilter(request, response);
            return;
        }
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        responses.write(response, ProblemCode.UNAUTHORIZED.problem("Only agents with the shared secret may report."));
    }
}
