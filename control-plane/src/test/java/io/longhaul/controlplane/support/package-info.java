/**
 * Tests of what makes time, threads and identifiers. Run on the test's thread.
 */
@NullMarked
package io.longhaul.controlplane.support;

import org.jspecify.annotations.NullMarked;
