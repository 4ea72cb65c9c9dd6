package io.longhaul.controlplane.trust;

import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.problems.ProblemResponses;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Keeps the two ports apart, and lets only hosts that have joined report. Thread safe. Paths are told apart by what is
 * served, after decoding, so that no spelling gets round it.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 5)
class AgentsPortFilter extends OncePerRequestFilter {

    /** The request's attribute with the name of the host that it has proven to come from. */
    static final String HOST = AgentsPortFilter.class.getName() + ".host";

    private static final String CERTIFICATES = "jakarta.servlet.request.X509Certificate";

    private final AgentsConnector connector;
    private final HostCertificates hosts;
    private final ProblemResponses responses;

    AgentsPortFilter(AgentsConnector connector, HostCertificates hosts, ProblemResponses responses) {
        this.connector = connector;
        this.hosts = hosts;
        this.responses = responses;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String path = request.getServletPath();
        boolean reports = path.startsWith("/agent-reports");
        boolean enrolment = path.startsWith("/agent-enrolment");
        if (connector.tookIn(request) != (reports || enrolment)) {
            responses.write(
                    response,
                    ProblemCode.NOT_FOUND
                            .problem("This path is not served on this port.")
                            .seen(path));
            return;
        }
        if (!reports) {
            chain.doFilter(request, response);
            return;
        }
        Optional<X509Certificate> shown = certificate(request);
        Optional<String> host = shown.flatMap(PeerNames::agent);
        if (host.isEmpty()) {
            responses.write(
                    response,
                    ProblemCode.UNAUTHORIZED
                            .problem("Only agents that have joined may report.")
                            .seen(shown.map(one -> "the certificate of " + one.getSubjectX500Principal())
                                    .orElse("no certificate"))
                            .expected("an agent's certificate"));
            return;
        }
        if (!hosts.welcome(shown.get(), host.get())) {
            responses.write(response, HostCertificates.shutOut(host.get()).problem());
            return;
        }
        request.setAttribute(HOST, host.get());
        chain.doFilter(request, response);
    }

    private static Optional<X509Certificate> certificate(HttpServletRequest request) {
        return request.getAttribute(CERTIFICATES) instanceof X509Certificate[] chain && chain.length > 0
                ? Optional.of(chain[0])
                : Optional.empty();
    }
}
