/**
 * Takes requests, lets those through that know the secret shared by the control plane and its agents. Runs on request
 * threads. Must not know what the requests ask.
 */
@NullMarked
package io.longhaul.agent.security;

import org.jspecify.annotations.NullMarked;
