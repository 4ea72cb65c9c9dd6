/**
 * Takes a connected socket and a host's certificate, gives a channel that only the two hosts can read: TLS 1.3, both
 * sides proven by certificates of the installation's own authority, the peer known by its host's name. Runs on its
 * callers' threads, one that reads and one that writes at a time. Must not know what is sent or where certificates come
 * from.
 */
@NullMarked
package io.longhaul.engine.transport.tls;

import org.jspecify.annotations.NullMarked;
