package io.longhaul.controlplane.execution;

import io.longhaul.api.agent.model.Decision;
import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.PutIncoming;
import io.longhaul.api.agent.model.PutOutgoing;
import io.longhaul.api.agent.model.SideMeasurements;
import io.longhaul.api.agent.model.SidePhase;
import io.longhaul.api.model.DiskDefinition;
import io.longhaul.api.model.MigrationPolicy;
import io.longhaul.api.model.MigrationState;
import io.longhaul.api.model.Problem;
import io.longhaul.api.model.Receipt;
import io.longhaul.api.model.SourceDisks;
import io.longhaul.api.model.VmDefinition;
import io.longhaul.api.model.VmState;
import io.longhaul.controlplane.completion.Outcome;
import io.longhaul.controlplane.completion.Receipts;
import io.longhaul.controlplane.inventory.Hosts;
import io.longhaul.controlplane.planning.PlanOutcome;
import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.support.Identifiers;
import io.longhaul.controlplane.support.Json;
import io.longhaul.controlplane.vms.KnownVm;
import io.longhaul.controlplane.vms.Vms;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What transitions do. Every method joins the caller's transaction and touches nothing outside of it. */
@Component
class MigrationActions {

    private final CommandOutbox outbox;
    private final Vms vms;
    private final Hosts hosts;
    private final Identifiers identifiers;
    private final Json json;
    private final Clock clock;

    MigrationActions(CommandOutbox outbox, Vms vms, Hosts hosts, Identifiers identifiers, Json json, Clock clock) {
        this.outbox = outbox;
        this.vms = vms;
        this.hosts = hosts;
        this.identifiers = identifiers;
        this.json = json;
        this.clock = clock;
    }

    /** Before START: what PREPARE_DESTINATION commands. */
    void plan(MigrationEntity migration, PlanOutcome.Planned plan) {
        KnownVm vm = vms.find(migration.vmId).orElseThrow();
        var observed = vm.observed().orElseThrow();
        migration.epoch = vms.nextEpoch(migration.vmId);
        migration.token = identifiers.token();
        migration.startedAt = clock.instant();
        migration.reservation = json.write(plan.reservation());
        outbox.incoming(
                migration,
                new PutIncoming(
                        migration.vmId,
                        migration.epoch,
                        migration.token,
                        plan.definition(),
                        observed.getDisks(),
                        observed.getBootFiles(),
                        migration.source,
                        hosts.require(migration.source).agentUrl(),
                        MigrationSteps.policy(migration, json)));
    }

    void perform(MigrationAction action, MigrationEntity migration) {
        switch (action) {
            // Its command was written by plan(), which knows the plan.
            case NOTHING, PREPARE_DESTINATION -> {}
            case START_SOURCE -> startSource(migration);
            case ABORT_BOTH -> outbox.abortBoth(migration);
            case HAND_OVER -> handOver(migration);
            case INFORM_SOURCE -> outbox.inform(migration, decision(migration));
            case CLEAN_UP -> cleanUp(migration);
            case CLOSE -> close(migration);
            case CLOSE_AND_FORGET -> {
                outbox.forgetBoth(migration, false);
                close(migration);
            }
        }
    }

    /** Why the migration fails, the root cause where both sides have a word. */
    Problem failure(MigrationEntity migration, Observed observed) {
        Problem cause = RootCause.of(
                observed.refusal().orElse(null),
                observed.source().map(MigrationReport::getProblem).orElse(null),
                observed.destination().map(MigrationReport::getProblem).orElse(null));
        if (cause != null) {
            return cause;
        }
        String host = observed.sourceLost() || gaveUp(observed.source()) ? migration.source : migration.destination;
        if (observed.sourceLost() || observed.destinationLost()) {
            return ProblemCode.AGENT_RESTARTED
                    .problem("The agent of " + host + " no longer knows the migration.")
                    .seen("no such migration")
                    .expected("a report about it")
                    .host(host);
        }
        return ProblemCode.PEER_ABORTED
                .problem("The agent of " + host + " ended its side and gave no reason.")
                .host(host);
    }

    /** Why the migration fails where nobody gave up. */
    Problem cutOff(MigrationEntity migration) {
        return ProblemCode.LINK_LOST
                .problem("The link was lost as the machine was handed over, and the guest stood still.")
                .seen("a source that has sent GRANT and has no link")
                .expected("the destination's answer by the link")
                .host(migration.source);
    }

    String reason(MigrationEntity migration, MigrationEvent event) {
        return switch (event) {
            case START, START_REFUSED, CANCEL -> "";
            case DESTINATION_PREPARED -> migration.destination + " is ready to receive";
            case DISKS_COPYING -> "Disks are being copied";
            case MEMORY_COPYING -> "Memory is being copied";
            case SWITCHOVER_BEGUN -> "The guest is paused at " + migration.source;
            case DESTINATION_TOOK -> took(migration);
            case SOURCE_UNINFORMED -> migration.source + " is told what " + migration.destination + " decided";
            case BOTH_COMPLETED -> "Both sides are done";
            case CLEANED_UP ->
                problem(migration)
                        .map(problem -> "Moved; then " + migration.destination + " reported " + problem.getCode() + ": "
                                + problem.getDetail())
                        .orElse("Moved; verification and clean-up are over");
            case SIDE_FAILED ->
                problem(migration)
                        .map(problem -> problem.getCode() + ": " + problem.getDetail())
                        .orElse("A side gave up");
            case SOURCE_CUT_OFF ->
                migration.source + " has granted the machine and lost the link: " + migration.destination
                        + " must decide at once";
            case BOTH_ABORTED ->
                "Both sides have undone their part; the machine stays at " + migration.source
                        + (guestEnded(migration, problem(migration).orElse(null)) ? ", where its guest has ended" : "");
        };
    }

    /** The problem as it is told: what helps is something else where the guest has ended. */
    @Nullable
    Problem told(MigrationEntity migration, @Nullable Problem problem) {
        return problem == null || !guestEnded(migration, problem)
                ? problem
                : EndOfGuest.told(json.copy(problem), migration.vmName, migration.source);
    }

    private boolean guestEnded(MigrationEntity migration, @Nullable Problem problem) {
        VmState seen = vms.find(migration.vmId)
                .filter(vm -> vm.host().equals(migration.source))
                .map(KnownVm::state)
                .orElse(VmState.UNKNOWN);
        return EndOfGuest.known(seen, problem);
    }

    private String took(MigrationEntity migration) {
        String text = migration.destination + " has taken the machine";
        return switch (migration.phase) {
            case CANCELLING -> text + " before it could be cancelled: the cancellation came too late";
            case FAILING -> text + " after all";
            default -> text;
        };
    }

    private void startSource(MigrationEntity migration) {
        MigrationReport prepared =
                Objects.requireNonNull(report(migration.destinationReport), "a prepared destination");
        String address = Objects.requireNonNull(prepared.getTransferAddress(), "transferAddress from PREPARED on");
        migration.outgoingOrdered = true;
        PutOutgoing command = new PutOutgoing(
                migration.vmId,
                migration.epoch,
                Objects.requireNonNull(migration.token),
                migration.destination,
                address,
                MigrationSteps.policy(migration, json));
        command.setBlankDisks(prepared.getBlankDisks());
        outbox.outgoing(migration, command);
    }

    private void handOver(MigrationEntity migration) {
        outbox.takeBackAborts(migration);
        VmDefinition exact = Optional.ofNullable(report(migration.destinationReport))
                .map(MigrationReport::getDefinition)
                .orElseGet(() -> vms.find(migration.vmId).orElseThrow().definition());
        vms.handOver(migration.vmId, migration.destination, exact);
    }

    private void cleanUp(MigrationEntity migration) {
        Instant now = clock.instant();
        migration.cleanUpOrderedAt = now;
        Receipt receipt = receipt(migration, now);
        migration.receipt = json.write(receipt);
        MigrationPolicy policy = MigrationSteps.policy(migration, json);
        boolean delete = policy.getSourceDisks() == SourceDisks.DELETE && Receipts.disksProvenIdentical(receipt);
        outbox.forgetBoth(migration, delete);
    }

    private void close(MigrationEntity migration) {
        if (migration.phase == MigrationPhase.COMPLETED) {
            migration.receipt = json.write(receipt(migration, Objects.requireNonNull(migration.endedAt)));
        }
        vms.unlock(migration.vmId, migration.id);
    }

    private Receipt receipt(MigrationEntity migration, Instant end) {
        Set<String> disks = vms.find(migration.vmId).orElseThrow().definition().getDisks().stream()
                .map(DiskDefinition::getName)
                .collect(Collectors.toSet());
        return Receipts.receipt(new Outcome(
                migration.id,
                MigrationState.COMPLETED,
                migration.source,
                migration.destination,
                Duration.between(Objects.requireNonNull(migration.startedAt), end),
                disks,
                measurements(migration.sourceReport),
                measurements(migration.destinationReport)));
    }

    private SideMeasurements measurements(@Nullable String stored) {
        return Optional.ofNullable(report(stored))
                .map(MigrationReport::getMeasurements)
                .orElseGet(SideMeasurements::new);
    }

    /** TAKEN is only ever followed by COMPLETED; everything else a destination ends in means it will never run it. */
    private Decision decision(MigrationEntity migration) {
        return migration.phase == MigrationPhase.COMPLETING ? Decision.TAKEN : Decision.REFUSED;
    }

    private Optional<Problem> problem(MigrationEntity migration) {
        return Optional.ofNullable(json.readOrNull(migration.problem, Problem.class));
    }

    private @Nullable MigrationReport report(@Nullable String stored) {
        return json.readOrNull(stored, MigrationReport.class);
    }

    private static boolean gaveUp(Optional<MigrationReport> report) {
        return report.map(MigrationReport::getPhase)
                .filter(phase -> phase == SidePhase.ABORTING || phase == SidePhase.ABORTED)
                .isPresent();
    }
}
