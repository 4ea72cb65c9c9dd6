/**
 * What any package may use; the only place that reads clocks, makes threads and draws random numbers, the rest is handed
 * them.
 */
@NullMarked
package io.longhaul.engine.support;

import org.jspecify.annotations.NullMarked;
