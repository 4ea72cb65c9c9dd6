package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.Hypervisor;
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
        } catch (IOException e) {
            throw new UncheckedIOException("The journals in " + folder + " cannot be read", e);
        }
    }

    /** An observer that fails must not take the migration with it. */
    private static void observe(MigrationSide side, Consumer<MigrationSide> observer) {
        try {
            observer.accept(side);
        } catch (RuntimeException e) {
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
        SideFiles files = new SideFiles(folder, order.migrationId());
        SideFiles.Record record =
                journalled(files, MigrationSide.Role.DESTINATION, order.guest(), order.epoch(), order.policy());
        IncomingSide side = new IncomingSide(
                started(),
                files,
                record,
                new OrderCodec.Kept(order.guest(), order.policy()),
                Optional.of(order),
                order.migrationId());
        sides.put(order.migrationId(), side);
        orders.put(order.migrationId(), order);
        side.start();
        return side;
    }

    @Override
    public synchronized MigrationSide send(OutgoingOrder order) throws OrderRefusedException {
        MigrationSide existing = existing(order.migrationId(), order);
        if (existing != null) {
            return existing;
        }
        SideFiles files = new SideFiles(folder, order.migrationId());
        SideFiles.Record record =
                journalled(files, MigrationSide.Role.SOURCE, order.guest(), order.epoch(), order.policy());
        OutgoingSide side = new OutgoingSide(
                started(),
                files,
                record,
                new OrderCodec.Kept(order.guest(), order.policy()),
                Optional.of(order),
                order.migrationId());
        sides.put(order.migrationId(), side);
        orders.put(order.migrationId(), order);
        side.start();
        return side;
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

    private static SideFiles.Record journalled(
            SideFiles files, MigrationSide.Role role, GuestDefinition guest, long epoch, TransferPolicy policy) {
        try {
            files.writeOrder(role, guest.id(), epoch, OrderCodec.encode(guest, policy));
            return files.read().orElseThrow(() -> new IOException("The journal is empty after it was written"));
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
    public synchronized MigrationSide abort(String migrationId, UUID guestId, MigrationSide.Role role, long epoch) {
        MigrationSide side = sides.get(migrationId);
        if (side != null) {
            side.abort();
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
                if (!undone(side)) {
                    log.warn("{}: not undone in time; the next start of the agent will", side.migrationId());
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

    private static boolean undone(MigrationSide side) throws InterruptedException {
        if (side instanceof OutgoingSide outgoing) {
            return outgoing.awaitUndone(STOP);
        }
        return !(side instanceof IncomingSide incoming) || incoming.awaitUndone(STOP);
    }

    private SideContext started() {
        SideContext current = context;
        if (current == null) {
            throw new IllegalStateException("The engine has not been started");
        }
        return current;
    }
}
