package io.longhaul.engine.session;

import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.LinkException;
import java.net.InetSocketAddress;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** How sides find each other: a seam, so that a test can put a bad network in between. Thread safe. */
public interface Links extends AutoCloseable {

    /** Where this host takes links. */
    InetSocketAddress address();

    /**
     * Source: makes the link. Blocks until it is made, is refused or the deadline has passed.
     *
     * @param wanted asked now and then, once it takes longer than it should: where it says no, the making ends
     */
    Link connect(
            InetSocketAddress destination, String migrationId, long epoch, ExpectedPeer peer, BooleanSupplier wanted)
            throws LinkException, InterruptedException;

    /** Destination: takes the link when the source makes it; once. */
    void expect(String migrationId, long epoch, ExpectedPeer peer, Consumer<Link> onLink);

    /** Destination: takes it no more. Idempotent. */
    void cancel(String migrationId);

    @Override
    void close();
}
