/**
 * Takes the control plane's commands about migrations, gives orders to the engine, reports, and the change of the
 * machine's owner in the store when the engine says that it has changed. Commands run on request threads, fetching on a
 * few threads of its own, what the engine tells on the engine's. Must not know how bytes are moved.
 */
@NullMarked
package io.longhaul.agent.migrations;

import org.jspecify.annotations.NullMarked;
