/**
 * Longhaul from the outside: {@code cluster} runs the real programs, {@code api} speaks to them, {@code guest} makes the
 * machine that is moved, {@code tour} is what {@code ./run} does with the three. Must not know the insides of the
 * control plane and the agents: it sees jars, properties and the public API.
 */
@NullMarked
package io.longhaul.bench;

import org.jspecify.annotations.NullMarked;
