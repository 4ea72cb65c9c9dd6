package io.longhaul.controlplane.agents;

/** Where the agent of a host is reached. */
public record AgentAddress(String host, String url) {}
