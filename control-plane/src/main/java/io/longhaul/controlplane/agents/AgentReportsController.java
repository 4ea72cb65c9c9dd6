package io.longhaul.controlplane.agents;

import io.longhaul.api.agent.AgentReportsApi;
import io.longhaul.api.agent.model.Heartbeat;
import io.longhaul.api.agent.model.IssuedCertificate;
import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.Registration;
import io.longhaul.api.agent.model.RegistrationAnswer;
import io.longhaul.api.agent.model.RenewCertificate;
import io.longhaul.controlplane.config.HostsProperties;
import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.trust.Enrolments;
import java.util.List;
import okhttp3.HttpUrl;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RestController;

/** Takes what agents report and tells the listeners. Immutable. */
@RestController
class AgentReportsController implements AgentReportsApi {

    private final List<AgentListener> listeners;
    private final HostsProperties hosts;
    private final Enrolments enrolments;

    AgentReportsController(List<AgentListener> listeners, HostsProperties hosts, Enrolments enrolments) {
        this.listeners = listeners;
        this.hosts = hosts;
        this.enrolments = enrolments;
    }

    @Override
    public ResponseEntity<RegistrationAnswer> putRegistration(String host, Registration registration) {
        HttpUrl url = HttpUrl.parse(registration.getAgentUrl());
        if (url == null || !url.isHttps()) {
            throw ProblemCode.INVALID_FIELD.exception(
                    "agentUrl of " + host + " is not a URL.", registration.getAgentUrl(), "https://address:port");
        }
        listeners.forEach(listener -> listener.onRegistration(host, registration));
        return ResponseEntity.ok(
                new RegistrationAnswer((int) hosts.heartbeatInterval().toSeconds()));
    }

    @Override
    public ResponseEntity<Void> putHeartbeat(String host, Heartbeat heartbeat) {
        listeners.forEach(listener -> listener.onHeartbeat(host, heartbeat));
        heartbeat.getMigrations().forEach(report -> tell(host, report));
        return ResponseEntity.noContent().build();
    }

    @Override
    public ResponseEntity<Void> putMigrationReport(String host, MigrationReport report) {
        tell(host, report);
        return ResponseEntity.noContent().build();
    }

    @Override
    public ResponseEntity<IssuedCertificate> renewCertificate(String host, RenewCertificate request) {
        return ResponseEntity.ok(enrolments.renew(host, request.getCertificateRequest()));
    }

    private void tell(String host, MigrationReport report) {
        listeners.forEach(listener -> listener.onMigrationReport(host, report));
    }
}
