/**
 * The NBD protocol over unix sockets: a server whose writes go to a sink and a client that reads and writes.
 * Must not know: machines, sessions, the link.
 */
@NullMarked
package io.longhaul.engine.nbd;

import org.jspecify.annotations.NullMarked;
