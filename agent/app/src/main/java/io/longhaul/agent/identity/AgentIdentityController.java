package io.longhaul.agent.identity;

import io.longhaul.api.agent.AgentIdentityApi;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RestController;

/** Serves the command about the host's certificate. Thread safe. */
@RestController
class AgentIdentityController implements AgentIdentityApi {
    private final IdentityKeeper keeper;

    AgentIdentityController(IdentityKeeper keeper) {
        this.keeper = keeper;
    }

    @Override
    public ResponseEntity<Void> renewIdentity() {
        keeper.renewNow();
        return ResponseEntity.accepted().build();
    }
}
