package io.longhaul.controlplane.trust;

import io.longhaul.api.agent.AgentEnrolmentApi;
import io.longhaul.api.agent.model.EnrolAgent;
import io.longhaul.api.agent.model.IssuedCertificate;
import java.security.cert.X509Certificate;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RestController;

/** Answers those who ask for certificates. Immutable. */
@RestController
public class Enrolments implements AgentEnrolmentApi {

    private final HostCertificates hosts;
    private final CertificateAuthority authority;

    Enrolments(HostCertificates hosts, CertificateAuthority authority) {
        this.hosts = hosts;
        this.authority = authority;
    }

    @Override
    public ResponseEntity<IssuedCertificate> enrolAgent(String host, EnrolAgent request) {
        return ResponseEntity.ok(answer(hosts.enrol(host, request.getToken(), request.getCertificateRequest())));
    }

    /** @param host which the asker has proven to be */
    public IssuedCertificate renew(String host, String certificateRequest) {
        return answer(hosts.renew(host, certificateRequest));
    }

    private IssuedCertificate answer(List<X509Certificate> chain) {
        return new IssuedCertificate(Pem.write(chain), Pem.write(authority.believed()));
    }
}
