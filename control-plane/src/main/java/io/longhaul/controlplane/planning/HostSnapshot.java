package io.longhaul.controlplane.planning;

import io.longhaul.api.model.HostInventory;

/** A host as it is when the plan is made. */
public record HostSnapshot(String name, boolean online, HostInventory inventory) {}
