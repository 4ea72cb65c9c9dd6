/**
 * Takes requests about machines and gives stored machines, made and changed through their host's agent. Runs on request
 * threads; must not know how a move is carried out.
 */
@NullMarked
package io.longhaul.controlplane.vms;

import org.jspecify.annotations.NullMarked;
