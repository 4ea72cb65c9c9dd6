package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.Hypervisor;
import io.longhaul.engine.ledger.FileLedger;
import io.longhaul.engine.ledger.LedgerUndo;
import io.longhaul.engine.progress.Progress;
import io.longhaul.engine.support.Ticker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engine: keeps the sides of this host, and takes them up again after a restart. Thread safe. */
public final class TransferEngine implements MigrationEngine {
    private static final Logger log = LoggerFactory.getLogger(TransferEngine.class);

    /** How long a stopping agent waits for the sides it can still undo. */
    private static final Duration STOP = Duration.ofSeconds(20);

    private final Path folder;
    private final Hypervisor hypervisor;
    private final Links links;
    private final GuestWatch.Factory watches;
    private final Ticker ticker;
    private final ThreadFactory threads;
    private final EngineSettings settings;
    private final Map<String, MigrationSide> sides = new ConcurrentHashMap<>();
    private final Map<String, Object> orders = new ConcurrentHashMap<>();
    private @Nullable SideContext context;

    /** @param folder for journals and ledgers; made where it is not there */
    public TransferEngine(
            Path folder,
            Hypervisor hypervisor,
            Links links,
            GuestWatch.Factory watches,
            Ticker ticker,
            ThreadFactory threads,
            EngineSettings settings) {
        this.folder = folder;
        this.hypervisor = hypervisor;
        this.links = links;
        this.watches = watches;
        this.ticker = ticker;
        this.threads = threads;
        this.settings = settings;
    }

    @Override
    public synchronized void start(Consumer<MigrationSide> observer) {
        context =
                new SideContext(hypervisor, links, watches, ticker, threads, settings, side -> observe(side, observer));
        try {
            Files.createDirectories(folder);
            for (String migrationId : SideFiles.migrationIds(folder)) {
                takeUp(migrationId, context);
            }
            for (String migrationId : SideFiles.ledgerIds(folder)) {
                cleanUpAfter(migrationId);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The journals in " + folder + " cannot be read", e);
        }
    }

    /** An observer that fails must not take the migration with it. */
    private static void observe(MigrationSide side, Consumer<MigrationSide> observer) {
        try {
            observer.accept(side);
        } catch (RuntimeException | Error e) {
            log.error("{}: the observer of its changes failed", side.migrationId(), e);
        }
    }

    private void takeUp(String migrationId, SideContext started) throws IOException {
        SideFiles files = new SideFiles(folder, migrationId);
        Optional<SideFiles.Record> found = files.read();
        if (found.isEmpty()) {
            files.delete();
            return;
        }
        SideFiles.Record record = found.get();
        if (record.end().isPresent() || record.order().isEmpty()) {
            SideStatus status =
                    record.end().isPresent() ? StatusCodec.decode(record.end().get()) : closedStatus();
            sides.put(
                    migrationId, new ClosedSide(migrationId, record.guestId(), record.role(), record.epoch(), status));
            return;
        }
        OrderCodec.Kept kept = OrderCodec.decode(record.order().get());
        log.info("{}: taken up as {} with decision {}", migrationId, record.role(), record.decision());
        if (record.role() == MigrationSide.Role.SOURCE) {
            OutgoingSide side = new OutgoingSide(started, files, record, kept, Optional.empty(), migrationId);
            sides.put(migrationId, side);
            side.start();
        } else {
            IncomingSide side = new IncomingSide(started, files, record, kept, Optional.empty(), migrationId);
            sides.put(migrationId, side);
            side.start();
        }
    }

    /** What an ended side could not remove in its time. */
    private void cleanUpAfter(String migrationId) {
        MigrationSide side = sides.get(migrationId);
        if (side == null || side instanceof ClosedSide) {
            FileLedger ledger = new SideFiles(folder, migrationId).ledger();
            if (LedgerUndo.undo(ledger).isEmpty() && side == null) {
                ledger.delete();
            }
        }
    }

    @Override
    public InetSocketAddress transferAddress() {
        return links.address();
    }

    @Override
    public synchronized MigrationSide receive(IncomingOrder order) throws OrderRefusedException {
        MigrationSide existing = existing(order.migrationId(), order);
        if (existing != null) {
            return existing;
        }
        Journalled journalled = journal(
                order.migrationId(), MigrationSide.Role.DESTINATION, order.guest(), order.epoch(), order.policy());
        IncomingSide side = new IncomingSide(
                started(),
                journalled.files(),
                journalled.record(),
                new OrderCodec.Kept(order.guest(), order.policy()),
                Optional.of(order),
                order.migrationId());
        keep(side, order);
        startOrForget(side, journalled.files(), side::start);
        return side;
    }

    @Override
    public synchronized MigrationSide send(OutgoingOrder order) throws OrderRefusedException {
        MigrationSide existing = existing(order.migrationId(), order);
        if (existing != null) {
            return existing;
        }
        Journalled journalled =
                journal(order.migrationId(), MigrationSide.Role.SOURCE, order.guest(), order.epoch(), order.policy());
        OutgoingSide side = new OutgoingSide(
                started(),
                journalled.files(),
                journalled.record(),
                new OrderCodec.Kept(order.guest(), order.policy()),
                Optional.of(order),
                order.migrationId());
        keep(side, order);
        startOrForget(side, journalled.files(), side::start);
        return side;
    }

    /**
     * A side without a thread would hold its guest until the next start. Where its journal stays, it does: the next
     * order must not be written behind this one.
     */
    private void startOrForget(MigrationSide side, SideFiles files, Runnable start) {
        try {
            start.run();
        } catch (RuntimeException | Error fault) {
            try {
                files.delete();
                sides.remove(side.migrationId());
                orders.remove(side.migrationId());
            } catch (IOException | RuntimeException | Error e) {
                fault.addSuppressed(e);
            }
            throw fault;
        }
    }

    private void keep(MigrationSide side, Object order) {
        sides.put(side.migrationId(), side);
        orders.put(side.migrationId(), order);
    }

    /** The side there is for the order; null where there is none. After a restart the id alone tells. */
    private @Nullable MigrationSide existing(String migrationId, Object order) throws OrderRefusedException {
        MigrationSide side = sides.get(migrationId);
        if (side == null) {
            return null;
        }
        Object known = orders.get(migrationId);
        if (known != null && !known.equals(order)) {
            throw new OrderRefusedException(
                    "Migration " + migrationId + " was ordered here before, with another content");
        }
        if (known == null
                && side.status().phase() == SidePhase.ABORTED
                && side.status().problem().isEmpty()) {
            throw new OrderRefusedException("Migration " + migrationId + " was aborted before this order came");
        }
        return side;
    }

    private record Journalled(SideFiles files, SideFiles.Record record) {}

    private Journalled journal(
            String migrationId, MigrationSide.Role role, GuestDefinition guest, long epoch, TransferPolicy policy) {
        SideFiles files = new SideFiles(folder, migrationId);
        try {
            files.writeOrder(role, guest.id(), epoch, OrderCodec.encode(guest, policy));
            return new Journalled(
                    files,
                    files.read().orElseThrow(() -> new IOException("The journal is empty after it was written")));
        } catch (IOException e) {
            throw new UncheckedIOException("The journal of a new migration cannot be written", e);
        }
    }

    @Override
    public List<MigrationSide> sides() {
        return new ArrayList<>(sides.values());
    }

    @Override
    public Optional<MigrationSide> find(String migrationId) {
        return Optional.ofNullable(sides.get(migrationId));
    }

    @Override
    public MigrationSide abort(String migrationId, UUID guestId, MigrationSide.Role role, long epoch) {
        MigrationSide side = closedUnlessKnown(migrationId, guestId, role, epoch);
        side.abort();
        return side;
    }

    private synchronized MigrationSide closedUnlessKnown(
            String migrationId, UUID guestId, MigrationSide.Role role, long epoch) {
        MigrationSide side = sides.get(migrationId);
        if (side != null) {
            return side;
        }
        try {
            new SideFiles(folder, migrationId).writeClosed(role, guestId, epoch);
        } catch (IOException e) {
            throw new UncheckedIOException("The journal of migration " + migrationId + " cannot be written", e);
        }
        ClosedSide closed = new ClosedSide(migrationId, guestId, role, epoch, closedStatus());
        sides.put(migrationId, closed);
        return closed;
    }

    private static SideStatus closedStatus() {
        return new SideStatus(SidePhase.ABORTED, Progress.NONE, Optional.empty(), Measurements.NONE);
    }

    @Override
    public synchronized boolean forget(String migrationId) {
        MigrationSide side = sides.get(migrationId);
        if (side == null) {
            return true;
        }
        if (!side.status().phase().terminal()) {
            return false;
        }
        try {
            new SideFiles(folder, migrationId).delete();
        } catch (IOException e) {
            throw new UncheckedIOException("The journal of migration " + migrationId + " cannot be deleted", e);
        }
        sides.remove(migrationId);
        orders.remove(migrationId);
        return true;
    }

    @Override
    public void close() {
        sides.values().forEach(TransferEngine::stop);
        try {
            for (MigrationSide side : sides.values()) {
                if (!stopped(side)) {
                    log.warn("{}: not stopped in time; the next start of the agent takes it up", side.migrationId());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        links.close();
    }

    private static void stop(MigrationSide side) {
        if (side instanceof OutgoingSide outgoing) {
            outgoing.agentStops();
        } else if (side instanceof IncomingSide incoming) {
            incoming.agentStops();
        }
    }

    private static boolean stopped(MigrationSide side) throws InterruptedException {
        if (side instanceof OutgoingSide outgoing) {
            return outgoing.awaitStopped(STOP);
        }
        return !(side instanceof IncomingSide incoming) || incoming.awaitStopped(STOP);
    }

    private SideContext started() {
        SideContext current = context;
        if (current == null) {
            throw new IllegalStateException("The engine has not been started");
        }
        return current;
    }
}
