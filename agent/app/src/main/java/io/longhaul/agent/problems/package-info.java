/**
 * Takes what went wrong, gives an RFC 9457 problem with a stable code that says what was seen, what was expected and
 * what to do. Any thread. Must not know the machines or migrations it speaks of.
 */
@NullMarked
package io.longhaul.agent.problems;

import org.jspecify.annotations.NullMarked;
