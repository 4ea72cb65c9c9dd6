package io.longhaul.agent.reporting;

import io.longhaul.api.agent.model.Heartbeat;
import io.longhaul.api.agent.model.Registration;

/** What there is to tell of this host now. Called on the heartbeats' thread; may block for a second. */
public interface HostState {

    Registration registration();

    Heartbeat heartbeat();
}
