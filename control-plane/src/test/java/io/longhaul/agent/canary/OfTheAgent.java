package io.longhaul.agent.canary;

/** Something of the agent. */
public interface OfTheAgent {}
