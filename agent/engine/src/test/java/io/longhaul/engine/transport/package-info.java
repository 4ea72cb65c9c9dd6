/** Tests of the transport: its passive parts with a fake ticker, the whole over loopback sockets. */
@NullMarked
package io.longhaul.engine.transport;

import org.jspecify.annotations.NullMarked;
