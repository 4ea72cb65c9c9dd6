/**
 * Takes what both sides measured and gives the receipt. Pure; a value that was not measured stays absent.
 */
@NullMarked
package io.longhaul.controlplane.completion;

import org.jspecify.annotations.NullMarked;
