/**
 * One half of a circle of packages, planted for ArchitectureTest. Never run.
 */
@NullMarked
package io.longhaul.canary.circles.first;

import org.jspecify.annotations.NullMarked;
