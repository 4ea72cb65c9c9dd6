package io.longhaul.canary;

import io.longhaul.agent.canary.OfTheAgent;

/** Reaches into the agent. */
public interface KnowsTheAgent {

    OfTheAgent agent();
}
