/**
 * The guest's memory as an ordered pipe of bytes from the hypervisor's stream into the link and out again. Must
 * not know: storage.
 */
@NullMarked
package io.longhaul.engine.memory;

import org.jspecify.annotations.NullMarked;
