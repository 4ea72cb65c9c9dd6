package io.longhaul.engine.session;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** Runs this host's sides of migrations. Thread safe; no method blocks for longer than writing a journal takes. */
public interface MigrationEngine extends AutoCloseable {

    /**
     * Opens the transfer listener and takes up every side that an earlier run of the agent left: a source before GRANT
     * and a destination before TAKEN are undone, later ones are carried on.
     *
     * @param observer called at each change of phase and of measurements of any side, on the side's own thread, after
     *     the change is durable
     */
    void start(Consumer<MigrationSide> observer);

    /** Where other agents connect. */
    InetSocketAddress transferAddress();

    /**
     * Prepares to receive a machine. The same order again gives the side there is.
     *
     * @throws OrderRefusedException where the id was used for another order or is closed
     */
    MigrationSide receive(IncomingOrder order) throws OrderRefusedException;

    /** Starts to move a machine away; else as {@link #receive}. */
    MigrationSide send(OutgoingOrder order) throws OrderRefusedException;

    /** Every side with a journal, ended ones until they are forgotten. */
    List<MigrationSide> sides();

    Optional<MigrationSide> find(String migrationId);

    /**
     * Ends and undoes a side. An id never seen is closed, so that an order for it that comes late is refused.
     *
     * @return the side, in whatever phase it is now
     */
    MigrationSide abort(String migrationId, UUID guestId, MigrationSide.Role role, long epoch);

    /** Removes the journal of an ended side; false where it has not ended. An id not known is forgotten already. */
    boolean forget(String migrationId);

    /** Ends the threads. Guests go on running; sides under way are taken up by the next start. */
    @Override
    void close();
}
