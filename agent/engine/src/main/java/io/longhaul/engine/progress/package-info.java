/**
 * What has been done and what is left, counted when the far side has it.
 */
@NullMarked
package io.longhaul.engine.progress;

import org.jspecify.annotations.NullMarked;
