package io.longhaul.controlplane.inventory;

import io.longhaul.api.HostsApi;
import io.longhaul.api.model.Host;
import io.longhaul.api.model.HostList;
import io.longhaul.api.model.HostState;
import java.time.ZoneOffset;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RestController;

/** Shows the hosts. Immutable. */
@RestController
class HostsController implements HostsApi {

    private final Hosts hosts;

    HostsController(Hosts hosts) {
        this.hosts = hosts;
    }

    @Override
    public ResponseEntity<HostList> listHosts() {
        return ResponseEntity.ok(
                new HostList(hosts.all().stream().map(HostsController::shown).toList()));
    }

    @Override
    public ResponseEntity<Host> getHost(String host) {
        return ResponseEntity.ok(shown(hosts.require(host)));
    }

    private static Host shown(KnownHost host) {
        return new Host(
                host.name(),
                host.site(),
                host.online() ? HostState.ONLINE : HostState.OFFLINE,
                host.lastHeartbeat().atOffset(ZoneOffset.UTC),
                host.inventory());
    }
}
