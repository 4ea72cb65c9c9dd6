package io.longhaul.controlplane.planning;

import io.longhaul.api.model.HostInventory;
import java.time.Duration;

/**
 * A host as it is when the plan is made.
 *
 * @param age of the inventory: its figures of what is free were right so long ago
 */
public record HostSnapshot(String name, boolean online, HostInventory inventory, Duration age) {}
