/**
 * Takes the boot jars and a folder, gives a running control plane with agents, and takes all of it away again: servers,
 * guests, sockets. Blocks its callers; starts no threads. Must not know what is done with the cluster; the tour and the
 * end-to-end tests use the same classes.
 */
@NullMarked
package io.longhaul.bench.cluster;

import org.jspecify.annotations.NullMarked;
