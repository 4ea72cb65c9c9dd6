package io.longhaul.agent.migrations;

import io.longhaul.agent.problems.ProblemDescription;
import io.longhaul.agent.problems.ProblemModels;
import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.MigrationRole;
import io.longhaul.api.agent.model.SidePhase;
import io.longhaul.engine.session.MigrationEngine;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.SideStatus;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the reports of this host's sides. Thread safe: status and number are taken together, so that of two reports the
 * one with the larger number is never the older.
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
    private long sequence;

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
    public synchronized Optional<MigrationReport> find(String migrationId) {
        return engine.find(migrationId)
                .map(this::of)
                .or(() -> arrivals.find(migrationId).map(this::ofUnstarted));
    }

    /** Every side there is. */
    public synchronized List<MigrationReport> all() {
        List<MigrationReport> reports = new ArrayList<>();
        engine.sides().forEach(side -> reports.add(of(side)));
        arrivals.all().stream()
                .filter(arrival -> engine.find(arrival.migrationId()).isEmpty())
                .forEach(arrival -> reports.add(ofUnstarted(arrival)));
        return reports;
    }

    /** The engine's sides that have not ended. */
    public synchronized List<MigrationReport> running() {
        return engine.sides().stream()
                .filter(side -> !side.status().phase().terminal())
                .map(this::of)
                .toList();
    }

    synchronized MigrationReport of(MigrationSide side) {
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
                ++sequence,
                agentInstance,
                now());
        report.setProgress(SideModels.progress(status.progress()));
        report.setMeasurements(SideModels.measurements(side.role(), status));
        status.problem()
                .map(SideModels::problem)
                .or(() -> failure(arrival))
                .ifPresent(why -> report.setProblem(problems.of(why)));
        if (arrival != null && !NOT_CONNECTABLE.contains(phase)) {
            report.setTransferAddress(transferAddress());
            report.setDefinition(arrival.machine().definition());
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
                ++sequence,
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
