/**
 * One map of regions per disk, the mover and the mirror at the source, the applier at the destination. Must not
 * know: memory, the hypervisor beyond its disk ports.
 */
@NullMarked
package io.longhaul.engine.storage;

import org.jspecify.annotations.NullMarked;
