/**
 * Streams of frames carried by several TCP connections between two agents: bounded, checksummed, acknowledged.
 * Takes frames, gives frames. Must not know: machines, disks, memory.
 */
@NullMarked
package io.longhaul.engine.transport;

import org.jspecify.annotations.NullMarked;
