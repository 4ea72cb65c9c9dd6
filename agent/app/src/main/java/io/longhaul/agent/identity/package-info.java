/**
 * Takes a join token, gives the host its certificate, and a new one in time; says who is at the other end of a call. Its
 * loop runs on a thread of its own. Must not know what is asked over the connections.
 */
@NullMarked
package io.longhaul.agent.identity;

import org.jspecify.annotations.NullMarked;
