/**
 * Takes a rehearsal of the engine, gives an agent that holds it once after its start, in the background, and ends it when a
 * migration begins. Runs on a thread of its own, and on those that order migrations. Must not know what is rehearsed.
 */
@NullMarked
package io.longhaul.agent.rehearsal;

import org.jspecify.annotations.NullMarked;
