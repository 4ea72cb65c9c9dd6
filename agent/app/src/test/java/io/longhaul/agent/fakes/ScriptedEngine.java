package io.longhaul.agent.fakes;

import io.longhaul.engine.handover.Decision;
import io.longhaul.engine.progress.Progress;
import io.longhaul.engine.session.IncomingOrder;
import io.longhaul.engine.session.Measurements;
import io.longhaul.engine.session.MigrationEngine;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.OrderRefusedException;
import io.longhaul.engine.session.OutgoingOrder;
import io.longhaul.engine.session.SidePhase;
import io.longhaul.engine.session.SideStatus;
import io.longhaul.engine.session.TransferPolicy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An engine whose sides go where the test sends them. Thread safe. */
public final class ScriptedEngine implements MigrationEngine {
    public final Map<String, Side> sides = new ConcurrentHashMap<>();
    public final Map<String, Object> orders = new ConcurrentHashMap<>();
    private final Map<String, CountDownLatch> arrivals = new ConcurrentHashMap<>();
    private volatile Consumer<MigrationSide> observer = side -> {};

    /** Moves a side and tells the observer, as the engine would. */
    public void move(String migrationId, SidePhase phase) {
        Side side = sides.get(migrationId);
        side.phase = phase;
        observer.accept(side);
    }

    /** Counts down when an order with this id comes. */
    public CountDownLatch ordered(String migrationId) {
        return arrivals.computeIfAbsent(migrationId, id -> new CountDownLatch(1));
    }

    /** A side that an earlier run left. */
    public Side leave(String migrationId, UUID guestId, MigrationSide.Role role, long epoch, SidePhase phase) {
        Side side = new Side(migrationId, guestId, role, epoch, phase);
        sides.put(migrationId, side);
        return side;
    }

    @Override
    public void start(Consumer<MigrationSide> newObserver) {
        observer = newObserver;
    }

    @Override
    public InetSocketAddress transferAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 7071);
    }

    @Override
    public MigrationSide receive(IncomingOrder order) throws OrderRefusedException {
        return take(order.migrationId(), order.guest().id(), MigrationSide.Role.DESTINATION, order.epoch(), order);
    }

    @Override
    public MigrationSide send(OutgoingOrder order) throws OrderRefusedException {
        return take(order.migrationId(), order.guest().id(), MigrationSide.Role.SOURCE, order.epoch(), order);
    }

    private MigrationSide take(String id, UUID guest, MigrationSide.Role role, long epoch, Object order)
            throws OrderRefusedException {
        Object known = orders.putIfAbsent(id, order);
        if (known == null && sides.containsKey(id)) {
            throw new OrderRefusedException("the id is closed");
        }
        if (known != null && !known.equals(order)) {
            throw new OrderRefusedException("the id was used for another order");
        }
        Side side = sides.computeIfAbsent(id, key -> new Side(key, guest, role, epoch, SidePhase.PREPARING));
        ordered(id).countDown();
        return side;
    }

    @Override
    public List<MigrationSide> sides() {
        return List.copyOf(sides.values());
    }

    @Override
    public Optional<MigrationSide> find(String migrationId) {
        return Optional.ofNullable(sides.get(migrationId));
    }

    @Override
    public MigrationSide abort(String migrationId, UUID guestId, MigrationSide.Role role, long epoch) {
        Side side = sides.computeIfAbsent(migrationId, id -> new Side(id, guestId, role, epoch, SidePhase.ABORTED));
        side.abort();
        return side;
    }

    @Override
    public boolean forget(String migrationId) {
        Side side = sides.get(migrationId);
        if (side != null && !side.phase.terminal()) {
            return false;
        }
        sides.remove(migrationId);
        orders.remove(migrationId);
        return true;
    }

    @Override
    public void close() {
        // has no threads
    }

    /** Goes where the test sends it. */
    public final class Side implements MigrationSide {
        private final String migrationId;
        private final UUID guestId;
        private final Role role;
        private final long epoch;
        public volatile SidePhase phase;
        public volatile Progress progress = Progress.NONE;
        public volatile @Nullable Decision resolved;
        public final List<TransferPolicy> policies = new CopyOnWriteArrayList<>();

        Side(String migrationId, UUID guestId, Role role, long epoch, SidePhase phase) {
            this.migrationId = migrationId;
            this.guestId = guestId;
            this.role = role;
            this.epoch = epoch;
            this.phase = phase;
        }

        @Override
        public String migrationId() {
            return migrationId;
        }

        @Override
        public UUID guestId() {
            return guestId;
        }

        @Override
        public Role role() {
            return role;
        }

        @Override
        public long epoch() {
            return epoch;
        }

        @Override
        public SideStatus status() {
            return new SideStatus(phase, progress, Optional.empty(), Measurements.NONE);
        }

        @Override
        public void abort() {
            if (!phase.terminal()) {
                move(migrationId, SidePhase.ABORTED);
            }
        }

        @Override
        public void resolve(Decision decision) {
            resolved = decision;
        }

        @Override
        public void changePolicy(TransferPolicy policy) {
            policies.add(policy);
        }
    }
}
