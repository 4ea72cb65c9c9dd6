package io.longhaul.agent.rehearsal;

import io.longhaul.engine.session.IncomingOrder;
import io.longhaul.engine.session.MigrationEngine;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.OrderRefusedException;
import io.longhaul.engine.session.OutgoingOrder;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** An engine before whose first order the rehearsal ends. Thread safe. */
public final class RehearsedEngine implements MigrationEngine {
    private final MigrationEngine engine;
    private final StartRehearsal rehearsal;

    public RehearsedEngine(MigrationEngine engine, StartRehearsal rehearsal) {
        this.engine = engine;
        this.rehearsal = rehearsal;
    }

    @Override
    public void start(Consumer<MigrationSide> observer) {
        engine.start(observer);
        if (engine.sides().stream().anyMatch(side -> !side.status().phase().terminal())) {
            rehearsal.end();
        }
    }

    @Override
    public InetSocketAddress transferAddress() {
        return engine.transferAddress();
    }

    @Override
    public MigrationSide receive(IncomingOrder order) throws OrderRefusedException {
        rehearsal.end();
        return engine.receive(order);
    }

    @Override
    public MigrationSide send(OutgoingOrder order) throws OrderRefusedException {
        rehearsal.end();
        return engine.send(order);
    }

    @Override
    public List<MigrationSide> sides() {
        return engine.sides();
    }

    @Override
    public Optional<MigrationSide> find(String migrationId) {
        return engine.find(migrationId);
    }

    @Override
    public MigrationSide abort(String migrationId, UUID guestId, MigrationSide.Role role, long epoch) {
        return engine.abort(migrationId, guestId, role, epoch);
    }

    @Override
    public boolean forget(String migrationId) {
        return engine.forget(migrationId);
    }

    @Override
    public void close() {
        rehearsal.end();
        engine.close();
    }
}
