/**
 * Takes refusals and failures of every kind and gives RFC 9457 problems with a stable code. Runs on request threads; must
 * not know any stage.
 */
@NullMarked
package io.longhaul.controlplane.problems;

import org.jspecify.annotations.NullMarked;
