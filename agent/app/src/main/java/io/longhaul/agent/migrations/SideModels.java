package io.longhaul.agent.migrations;

import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.problems.ProblemDescription;
import io.longhaul.agent.vms.SeedFiles;
import io.longhaul.api.agent.model.DiskDigest;
import io.longhaul.api.agent.model.MigrationRole;
import io.longhaul.api.agent.model.SideMeasurements;
import io.longhaul.api.agent.model.SidePhase;
import io.longhaul.api.model.MigrationPolicy;
import io.longhaul.api.model.MigrationProgress;
import io.longhaul.api.model.MillisRange;
import io.longhaul.engine.handover.Decision;
import io.longhaul.engine.progress.Effort;
import io.longhaul.engine.progress.Progress;
import io.longhaul.engine.session.Measurements;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.SideProblem;
import io.longhaul.engine.session.SideStatus;
import io.longhaul.engine.session.TransferPolicy;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Translates between the engine's words and the API's. Has no state. */
final class SideModels {
    private static final MigrationPolicy DEFAULTS = new MigrationPolicy();

    private SideModels() {}

    /** The names are the same by intent; a test holds them together. */
    static SidePhase phase(io.longhaul.engine.session.SidePhase phase) {
        return SidePhase.valueOf(phase.name());
    }

    static MigrationRole role(MigrationSide.Role role) {
        return role == MigrationSide.Role.SOURCE ? MigrationRole.SOURCE : MigrationRole.DESTINATION;
    }

    static MigrationSide.Role role(MigrationRole role) {
        return role == MigrationRole.SOURCE ? MigrationSide.Role.SOURCE : MigrationSide.Role.DESTINATION;
    }

    static Decision decision(io.longhaul.api.agent.model.Decision decision) {
        return decision == io.longhaul.api.agent.model.Decision.TAKEN ? Decision.TAKEN : Decision.REFUSED;
    }

    static TransferPolicy policy(MigrationPolicy policy) {
        return new TransferPolicy(
                Duration.ofMillis(
                        Objects.requireNonNullElse(policy.getDowntimeLimitMillis(), DEFAULTS.getDowntimeLimitMillis())),
                policy.getMaxBytesPerSecond() == null
                        ? OptionalLong.empty()
                        : OptionalLong.of(policy.getMaxBytesPerSecond()),
                Objects.requireNonNullElse(policy.getVerifyDisks(), DEFAULTS.getVerifyDisks()));
    }

    static SeedFiles.Wish wish(MigrationPolicy policy) {
        return new SeedFiles.Wish(
                Objects.requireNonNullElse(policy.getSeeds(), Map.of()),
                Objects.requireNonNullElse(policy.getReuseExistingDisks(), DEFAULTS.getReuseExistingDisks()));
    }

    static ProblemDescription problem(SideProblem problem) {
        return new ProblemDescription(
                ProblemCode.valueOf(problem.code().name()),
                problem.detail(),
                problem.seen(),
                problem.expected(),
                problem.nativeWords());
    }

    static MigrationProgress progress(Progress progress) {
        MigrationProgress model = new MigrationProgress(
                progress.diskBytesTotal(),
                progress.diskBytesDone(),
                progress.diskBytesRemaining(),
                progress.memoryBytesTotal(),
                progress.memoryBytesDone(),
                progress.memoryBytesRemaining(),
                progress.bytesOnWire(),
                progress.bytesPerSecond());
        model.setMemoryRounds(progress.memoryRounds());
        progress.roundTripMillis().ifPresent(model::setRoundTripMillis);
        model.setForecastEndMillis(orNull(progress.forecastEndMillis()));
        model.setForecastDowntimeMillis(orNull(progress.forecastDowntimeMillis()));
        model.setForecastEndRange(range(progress.forecast().end()));
        model.setForecastDowntimeRange(range(progress.forecast().downtime()));
        if (!progress.forecast().reason().isEmpty()) {
            model.setForecastReason(progress.forecast().reason());
        }
        model.setDiskBytesWrittenPerSecond(progress.diskBytesWrittenPerSecond());
        model.setMemoryBytesDirtiedPerSecond(progress.memoryBytesDirtiedPerSecond());
        model.setLinkAwayMillis(orNull(progress.outageMillis()));
        addEffort(model, progress.effort());
        return model;
    }

    private static void addEffort(MigrationProgress model, Effort effort) {
        model.setPagesSent(effort.pagesSent());
        model.setPagesReferenced(effort.pagesReferenced());
        model.setPagesHeldBack(effort.pagesHeldBack());
        model.setPagesSuperseded(effort.pagesSuperseded());
        if (!effort.revision().isEmpty()) {
            model.setMemoryRevision(effort.revision());
            model.setPagesChangedPerSecond(effort.pagesChangedPerSecond());
        }
        model.setBytesResent(effort.bytesResent());
        model.setReconnects(effort.reconnects());
        model.setOutages(effort.outages());
        model.setOutageMillis(effort.outageMillis());
        model.setConnectionsOpen(effort.connectionsOpen());
        model.setDiskBytesMatched(effort.diskBytesMatched());
    }

    private static @Nullable MillisRange range(Optional<io.longhaul.engine.progress.MillisRange> range) {
        return range.map(known -> new MillisRange(known.low(), known.high())).orElse(null);
    }

    static SideMeasurements measurements(MigrationSide.Role role, SideStatus status) {
        Measurements measured = status.measurements();
        SideMeasurements model = new SideMeasurements();
        model.setGuestPausedAtMillis(orNull(measured.guestPausedAtMillis()));
        model.setGuestRunningAtMillis(orNull(measured.guestRunningAtMillis()));
        measured.peerClockOffsetMillis().ifPresent(model::setPeerClockOffsetMillis);
        measured.ticks().ifPresent(ticks -> {
            if (role == MigrationSide.Role.SOURCE) {
                model.setLastTickAtMillis(orNull(ticks.lastArrivalMillis()));
            } else {
                model.setFirstTickAtMillis(orNull(ticks.firstArrivalMillis()));
            }
            model.setLongestTickGapMillis(ticks.longestGapMillis());
        });
        model.setGuestHealthy(measured.guestHealthy().orElse(null));
        model.setDiskDigests(measured.diskDigests().stream()
                .map(digest -> new DiskDigest(digest.name(), digest.sizeBytes(), digest.digest()))
                .toList());
        model.setDiskBytes(orNull(measured.diskBytes()));
        model.setMemoryBytes(orNull(measured.memoryBytes()));
        model.setDiskBytesMatched(orNull(measured.diskBytesMatched()));
        model.setNotes(measured.notes());
        model.setBytesOnWire(status.progress().bytesOnWire());
        return model;
    }

    private static @Nullable Long orNull(OptionalLong value) {
        return value.isPresent() ? value.getAsLong() : null;
    }
}
