package io.longhaul.agent.security;

import io.longhaul.agent.identity.Peers;
import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.problems.ProblemDescription;
import io.longhaul.agent.problems.ProblemModels;
import io.longhaul.engine.transport.tls.PeerIdentity;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Refuses whatever does not come from the control plane; other agents may fetch boot files. Thread safe. That the
 * certificate is of the installation's own authority was seen to by the handshake. Health and metrics have a port of their
 * own, so there is no path that is open to all: one that nobody thought of is closed.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 100)
final class PeerFilter extends OncePerRequestFilter {
    private static final String CERTIFICATES = "jakarta.servlet.request.X509Certificate";
    private static final Pattern BOOT_FILE = Pattern.compile("/agent/v1/vms/[^/]+/boot-files/[^/]+");

    private final ProblemModels problems;
    private final JsonMapper mapper;

    PeerFilter(ProblemModels problems, JsonMapper mapper) {
        this.problems = problems;
        this.mapper = mapper;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Optional<X509Certificate> shown = certificate(request);
        Optional<String> peer = shown.flatMap(PeerIdentity::uri);
        if (peer.filter(uri -> mayAsk(uri, request)).isPresent()) {
            chain.doFilter(request, response);
            return;
        }
        refuse(
                response,
                peer.or(() -> shown.map(one -> String.valueOf(one.getSubjectX500Principal())))
                        .map(name -> "the certificate of " + name)
                        .orElse("no certificate"));
    }

    private static boolean mayAsk(String uri, HttpServletRequest request) {
        return uri.equals(Peers.CONTROL_PLANE)
                || uri.startsWith(PeerIdentity.AGENT_PREFIX)
                        && request.getMethod().equals("GET")
                        && BOOT_FILE.matcher(request.getServletPath()).matches();
    }

    private static Optional<X509Certificate> certificate(HttpServletRequest request) {
        return request.getAttribute(CERTIFICATES) instanceof X509Certificate[] chain && chain.length > 0
                ? Optional.of(chain[0])
                : Optional.empty();
    }

    private void refuse(HttpServletResponse response, String seen) throws IOException {
        ProblemDescription description = new ProblemDescription(
                ProblemCode.UNAUTHORIZED,
                "The request was not answered, for it does not come from the control plane",
                seen,
                "the control plane's certificate",
                "");
        response.setStatus(ProblemCode.UNAUTHORIZED.status());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.getOutputStream().write(mapper.writeValueAsBytes(problems.of(description)));
    }
}
