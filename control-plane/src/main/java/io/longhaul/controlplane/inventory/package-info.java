/**
 * Takes registrations and heartbeats and gives the hosts with what they can run. Heartbeats are soft state: only the last
 * known inventory is stored. Thread safe; must not know migrations.
 */
@NullMarked
package io.longhaul.controlplane.inventory;

import org.jspecify.annotations.NullMarked;
