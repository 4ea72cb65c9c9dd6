package io.longhaul.engine.transport;

import java.nio.channels.SocketChannel;

/**
 * What lies between the frames and the sockets, such as TLS. Thread safe. Neither method waits for the peer: what must be
 * exchanged first is exchanged by the first read or write, and fails there.
 */
public interface Protection {

    /**
     * Over a socket that this side has connected.
     *
     * @param hostName the host that the other end has to be; nothing is said to another
     */
    Connection connecting(SocketChannel connected, String hostName);

    /** Over a socket that this side has accepted. */
    Connection accepting(SocketChannel accepted);

    /** None: the bytes go as they are. */
    static Protection none() {
        return new Protection() {
            @Override
            public Connection connecting(SocketChannel connected, String hostName) {
                return new PlainConnection(connected);
            }

            @Override
            public Connection accepting(SocketChannel accepted) {
                return new PlainConnection(accepted);
            }
        };
    }
}
