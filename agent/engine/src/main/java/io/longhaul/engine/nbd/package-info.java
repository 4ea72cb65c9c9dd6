/**
 * The NBD protocol over unix sockets. Takes a socket's path and gives a disk: {@link io.longhaul.engine.nbd.NbdClient}
 * reads and writes another process's export, {@link io.longhaul.engine.nbd.NbdServer} offers exports of ours, of which
 * {@link io.longhaul.engine.nbd.MirrorExport} takes the writes of a mirror.
 *
 * <p>Fixed newstyle negotiation only. Each served connection has one thread of the factory handed in; the client has
 * no thread of its own, its callers do the input and output. Must not know: sessions, the link, regions.
 */
@NullMarked
package io.longhaul.engine.nbd;

import org.jspecify.annotations.NullMarked;
