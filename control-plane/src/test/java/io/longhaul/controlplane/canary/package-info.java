/**
 * Planted violations that prove the rules of ArchitectureTest find something.
 */
@NullMarked
package io.longhaul.controlplane.canary;

import org.jspecify.annotations.NullMarked;
