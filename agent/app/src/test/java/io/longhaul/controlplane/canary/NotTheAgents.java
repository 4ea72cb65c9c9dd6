package io.longhaul.controlplane.canary;

/** Stands where the control plane's classes would be, for the agent's canary to use. */
public final class NotTheAgents {
    private NotTheAgents() {}

    public static int answer() {
        return 42;
    }
}
