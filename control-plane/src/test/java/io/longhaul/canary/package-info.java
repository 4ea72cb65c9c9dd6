/**
 * Planted violations, one for each rule of ArchitectureTest, that prove the rule finds something. Never run; outside of the
 * control plane's packages, so that Spring does not find them.
 */
@NullMarked
package io.longhaul.canary;

import org.jspecify.annotations.NullMarked;
