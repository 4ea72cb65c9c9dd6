/**
 * Takes what this host is and has, gives it to the control plane: a registration, heartbeats, and a report at each change
 * of a migration. Two threads of its own; the control plane may be away at any time and for any length. Must not know
 * what the reports mean.
 */
@NullMarked
package io.longhaul.agent.reporting;

import org.jspecify.annotations.NullMarked;
