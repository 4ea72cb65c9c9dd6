package io.longhaul.agent.reporting;

import io.longhaul.api.agent.model.Heartbeat;
import io.longhaul.api.agent.model.Registration;

/** What there is to tell of this host now. Called on one thread at a time; blocks while the host answers. */
public interface HostState {

    Registration registration();

    Heartbeat heartbeat();
}
