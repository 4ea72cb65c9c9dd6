/**
 * Takes what a guest writes to its serial log, gives the guest's own view of itself: ready, ticks, checks passed or
 * failed. Reads bounded pieces of the log on the caller's thread, and follows it closely on a thread of its own only
 * while a switchover is near. Must not know how a migration goes.
 */
@NullMarked
package io.longhaul.agent.probe;

import org.jspecify.annotations.NullMarked;
