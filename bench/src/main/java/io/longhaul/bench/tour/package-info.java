/**
 * Takes the command line of {@code ./run}, gives one real move of a running machine with a live view and a receipt, then
 * serves until it is told to stop. One thread runs the tour; on a terminal a second one refreshes the view, and a
 * shutdown hook takes everything down. Must not know how servers are started.
 */
@NullMarked
package io.longhaul.bench.tour;

import org.jspecify.annotations.NullMarked;
