package io.longhaul.agent.migrations;

import io.longhaul.agent.problems.ProblemDescription;
import io.longhaul.agent.problems.ProblemModels;
import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.MigrationRole;
import io.longhaul.api.agent.model.SidePhase;
import io.longhaul.engine.session.MigrationEngine;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.SideStatus;
import io.longhaul.engine.support.KeyedLocks;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes the reports of this host's sides. Thread safe: status and number are taken together, so that of two reports of a
 * migration the one with the larger number is never the older. Migrations do not wait for each other, for a hypervisor
 * that hangs keeps its own for long.
 */
public final class MigrationReports {
    /** Of the destination's phases, those in which nobody can connect any more, or not yet. */
    private static final Set<SidePhase> NOT_CONNECTABLE =
            EnumSet.of(SidePhase.PREPARING, SidePhase.ABORTING, SidePhase.REFUSED, SidePhase.ABORTED);

    private final MigrationEngine engine;
    private final Arrivals arrivals;
    private final ProblemModels problems;
    private final Clock clock;
    private final String agentInstance;
    private final Optional<String> advertisedHost;
    private final KeyedLocks<String> locks = new KeyedLocks<>();
    private final AtomicLong sequence = new AtomicLong();

    public MigrationReports(
            MigrationEngine engine, Arrivals arrivals, ProblemModels problems, Clock clock, Identity identity) {
        this.engine = engine;
        this.arrivals = arrivals;
        this.problems = problems;
        this.clock = clock;
        this.agentInstance = identity.agentInstance();
        this.advertisedHost = identity.transferHost();
    }

    /** The side as it is now; empty where there is none. */
    public Optional<MigrationReport> find(String migrationId) {
        return locks.with(
                migrationId,
                () -> engine.find(migrationId)
                        .map(this::of)
                        .or(() -> arrivals.find(migrationId).map(this::ofUnstarted)));
    }

    /** Every side there is. */
    public List<MigrationReport> all() {
        List<MigrationReport> reports = new ArrayList<>();
        engine.sides().forEach(side -> reports.add(of(side)));
        arrivals.all().stream()
                .filter(arrival -> engine.find(arrival.migrationId()).isEmpty())
                .forEach(arrival -> find(arrival.migrationId()).ifPresent(reports::add));
        return reports;
    }

    /** The engine's sides that have not ended. */
    public List<MigrationReport> running() {
        return engine.sides().stream()
                .filter(side -> !side.status().phase().terminal())
                .map(this::of)
                .toList();
    }

    MigrationReport of(MigrationSide side) {
        return locks.with(side.migrationId(), () -> report(side));
    }

    private MigrationReport report(MigrationSide side) {
        SideStatus status = side.status();
        SidePhase phase = SideModels.phase(status.phase());
        ArrivalRecord arrival = side.role() == MigrationSide.Role.DESTINATION
                ? arrivals.find(side.migrationId()).orElse(null)
                : null;
        MigrationReport report = new MigrationReport(
                side.migrationId(),
                arrival == null ? side.guestId() : arrival.vmId(),
                SideModels.role(side.role()),
                side.epoch(),
                phase,
                sequence.incrementAndGet(),
                agentInstance,
                now());
        report.setProgress(SideModels.progress(status.progress()));
        if (side.isCutOff()) {
            report.setCutOff(true);
        }
        report.setMeasurements(SideModels.measurements(side.role(), status));
        status.problem()
                .map(SideModels::problem)
                .or(() -> failure(arrival))
                .ifPresent(why -> report.setProblem(problems.of(why)));
        if (arrival != null && !NOT_CONNECTABLE.contains(phase)) {
            report.setTransferAddress(transferAddress());
            report.setDefinition(arrival.machine().definition());
            report.setBlankDisks(side.blankDisks().stream().sorted().toList());
        }
        return report;
    }

    private MigrationReport ofUnstarted(ArrivalRecord arrival) {
        ProblemDescription failure = arrival.failure();
        MigrationReport report = new MigrationReport(
                arrival.migrationId(),
                arrival.vmId(),
                MigrationRole.DESTINATION,
                arrival.epoch(),
                arrival.ended() ? SidePhase.ABORTED : SidePhase.PREPARING,
                sequence.incrementAndGet(),
                agentInstance,
                now());
        if (failure != null) {
            report.setProblem(problems.of(failure));
        }
        return report;
    }

    private static Optional<ProblemDescription> failure(@Nullable ArrivalRecord arrival) {
        return Optional.ofNullable(arrival).map(ArrivalRecord::failure);
    }

    private String transferAddress() {
        InetSocketAddress bound = engine.transferAddress();
        String host = advertisedHost.orElseGet(() -> bound.getAddress().getHostAddress());
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + bound.getPort();
    }

    private OffsetDateTime now() {
        return OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    /**
     * @param agentInstance made anew at each start
     * @param transferHost the host other agents connect to; the listening one where absent
     */
    public record Identity(String agentInstance, Optional<String> transferHost) {}
}
