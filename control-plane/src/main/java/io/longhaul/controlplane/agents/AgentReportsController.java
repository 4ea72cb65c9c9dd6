package io.longhaul.controlplane.agents;

import io.longhaul.api.agent.AgentReportsApi;
import io.longhaul.api.agent.model.Heartbeat;
import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.Registration;
import io.longhaul.api.agent.model.RegistrationAnswer;
import io.longhaul.controlplane.config.HostsProperties;
import io.longhaul.controlplane.problems.ProblemCode;
import java.util.List;
import okhttp3.HttpUrl;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RestController;

/** Takes what agents report and tells the listeners. Immutable. */
@RestController
class AgentReportsController implements AgentReportsApi {

    private final List<AgentListener> listeners;
    private final HostsProperties hosts;

    AgentReportsController(List<AgentListener> listeners, HostsProperties hosts) {
        this.listeners = listeners;
        this.hosts = hosts;
    }

    @Override
    public ResponseEntity<RegistrationAnswer> putRegistration(String host, Registration registration) {
        if (HttpUrl.parse(registration.getAgentUrl()) == null) {
            throw ProblemCode.INVALID_FIELD.exception(
                    "agentUrl of " + host + " is not a URL.", registration.getAgentUrl(), "http://address:port");
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

    private void tell(String host, MigrationReport report) {
        listeners.forEach(listener -> listener.onMigrationReport(host, report));
    }
}
