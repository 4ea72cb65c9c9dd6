/**
 * Takes requests, lets those through that come from the control plane, and from other agents what is theirs to ask. Runs
 * on request threads. Must not know what the requests ask.
 */
@NullMarked
package io.longhaul.agent.security;

import org.jspecify.annotations.NullMarked;
