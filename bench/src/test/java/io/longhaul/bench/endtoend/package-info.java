/**
 * Moves of real guests between real agents, asked for through the public API. Each class runs one cluster; JUnit's
 * thread runs everything. Must not know the insides of the programs: it sees what an operator sees.
 */
@NullMarked
package io.longhaul.bench.endtoend;

import org.jspecify.annotations.NullMarked;
