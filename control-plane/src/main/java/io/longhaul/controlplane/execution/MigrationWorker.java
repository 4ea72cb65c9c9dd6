package io.longhaul.controlplane.execution;

import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.MigrationRole;
import io.longhaul.api.agent.model.SidePhase;
import io.longhaul.api.model.MigrationProgress;
import io.longhaul.api.model.Problem;
import io.longhaul.controlplane.agents.AgentAnswer;
import io.longhaul.controlplane.agents.AgentClient;
import io.longhaul.controlplane.agents.MigrationCommand;
import io.longhaul.controlplane.config.ExecutionProperties;
import io.longhaul.controlplane.inventory.Hosts;
import io.longhaul.controlplane.inventory.KnownHost;
import io.longhaul.controlplane.progress.MigrationFeed;
import io.longhaul.controlplane.progress.ProgressBoard;
import io.longhaul.controlplane.support.SerialTask;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives one started migration. Its step runs on one thread at a time and never waits for an agent: reports and answers
 * are put down from any thread and wake it. Everything it must not lose is in the store before an agent hears of it.
 */
final class MigrationWorker {

    private static final Logger log = LoggerFactory.getLogger(MigrationWorker.class);
    private static final int NOT_FOUND = 404;
    private static final Set<SidePhase> DECIDED =
            EnumSet.of(SidePhase.TAKEN, SidePhase.COMPLETED, SidePhase.REFUSED, SidePhase.ABORTED);
    /** A side that was silent is asked; one that was asked twice and said nothing is told of. */
    private static final int SILENT_AFTER_ASKED = 2;

    /** With nothing else to wait for it looks again so often, for deadlines; sooner where a deadline is shorter. */
    private static final Duration LONGEST_TICK = Duration.ofSeconds(1);

    /** A shorter one would do nothing but load the database. */
    private static final Duration SHORTEST_TICK = Duration.ofMillis(100);

    /** What all workers share. */
    record Surroundings(
            MigrationSteps steps,
            AgentClient agents,
            Hosts hosts,
            ProgressBoard board,
            MigrationFeed feed,
            ExecutionProperties properties,
            Clock clock,
            ScheduledExecutorService executor,
            BiConsumer<MigrationFacts, Step> onStep) {}

    private record Delivered(PendingCommand command, AgentAnswer answer) {}

    private final MigrationFacts facts;
    private final Surroundings with;
    private final SerialTask task;
    private final Map<MigrationRole, SideInbox> inboxes = new EnumMap<>(MigrationRole.class);
    /** Bounded by the commands under way, one a host. */
    private final Queue<Delivered> delivered = new ConcurrentLinkedQueue<>();
    /** Read by whoever shows the migration. */
    private volatile Optional<String> obstacle = Optional.empty();
    /** Read by whoever shows the migration. */
    private volatile Optional<Instant> sourceSilentSince = Optional.empty();

    // Owned by the step.
    private final Deliveries deliveries;

    private final LongWaits longWaits;

    private final Duration tick;
    private final Map<MigrationRole, Instant> asked = new EnumMap<>(MigrationRole.class);
    private @Nullable Instant decisionKnown;
    private Instant progressStored = Instant.EPOCH;
    private Optional<Problem> refusal = Optional.empty();
    private List<PendingCommand> pending = List.of();

    MigrationWorker(MigrationFacts facts, List<MigrationReport> stored, Surroundings with) {
        this.facts = facts;
        this.with = with;
        this.deliveries = new Deliveries(with.properties());
        this.longWaits =
                new LongWaits(facts, with.properties().reportStaleAfter().multipliedBy(SILENT_AFTER_ASKED));
        this.tick = tick(with.properties());
        this.task = new SerialTask("Migration " + facts.id(), with.executor(), this::step);
        Instant now = with.clock().instant();
        for (MigrationRole role : MigrationRole.values()) {
            inboxes.put(role, new SideInbox(now));
        }
        stored.forEach(report -> inbox(report.getRole()).accept(report, now));
    }

    void wake() {
        task.wake();
    }

    void close() {
        task.close();
    }

    Optional<String> obstacle() {
        return obstacle;
    }

    /** Since when its figures are old, because nothing was heard of the source. */
    Optional<Instant> sourceSilentSince() {
        return sourceSilentSince;
    }

    Optional<MigrationReport> newest(MigrationRole role) {
        return inbox(role).newest();
    }

    /** Any thread. Reports about other attempts are passed over. */
    void report(String host, MigrationReport report) {
        if (!facts.covers(host, report)) {
            log.debug("Migration {}: passing over a report of {} with epoch {}", facts.id(), host, report.getEpoch());
            return;
        }
        if (inbox(report.getRole()).accept(report, with.clock().instant())) {
            MigrationProgress progress = report.getProgress();
            if (progress != null && report.getRole() == MigrationRole.SOURCE) {
                with.board().report(facts.id(), progress);
            }
            wake();
        }
    }

    private static Duration tick(ExecutionProperties properties) {
        return Stream.of(LONGEST_TICK, properties.reportStaleAfter(), properties.resolutionAfter())
                .min(Duration::compareTo)
                .filter(shortest -> shortest.compareTo(SHORTEST_TICK) > 0)
                .orElse(SHORTEST_TICK);
    }

    private void step() {
        Instant now = with.clock().instant();
        // First of all, so that a step that fails is made again.
        task.wakeAfter(tick);
        Set<String> acknowledged = new HashSet<>();
        for (Delivered next = delivered.poll(); next != null; next = delivered.poll()) {
            take(next, acknowledged, now);
        }
        Step step = with.steps().advance(facts.id(), observed(acknowledged, now));
        refusal = Optional.empty();
        pending = step.pending();
        with.onStep().accept(facts, step);
        if (step.finished()) {
            return;
        }
        deliveries.take(pending, now).forEach(this::send);
        if (!step.phase().terminal()) {
            askSilentSides(step, now);
        }
        showWaits(step, now);
        deliveries.nextDue().ifPresent(due -> task.wakeAfter(Duration.between(now, due)));
    }

    private void showWaits(Step step, Instant now) {
        Optional<Instant> source = longWaits.silentSince(MigrationRole.SOURCE, step, inbox(MigrationRole.SOURCE), now);
        Optional<Instant> destination =
                longWaits.silentSince(MigrationRole.DESTINATION, step, inbox(MigrationRole.DESTINATION), now);
        Optional<String> silence = source.map(since -> longWaits.report(MigrationRole.SOURCE, since))
                .or(() -> destination.map(since -> longWaits.report(MigrationRole.DESTINATION, since)));
        Optional<String> preparation = longWaits.preparation(
                step,
                inbox(MigrationRole.DESTINATION),
                with.hosts().find(facts.source()).map(KnownHost::agentUrl),
                now);
        show(deliveries.obstacle(pending).or(() -> silence).or(() -> preparation), source);
    }

    private void show(Optional<String> newObstacle, Optional<Instant> newSilence) {
        if (!newObstacle.equals(obstacle) || !newSilence.equals(sourceSilentSince)) {
            obstacle = newObstacle;
            sourceSilentSince = newSilence;
            with.feed().changed(facts.id());
        }
    }

    private void take(Delivered arrived, Set<String> acknowledged, Instant now) {
        PendingCommand command = arrived.command();
        boolean done = arrived.answer()
                .fold(
                        acknowledgement -> {
                            acknowledgement.report().ifPresent(report -> report(command.host(), report));
                            return true;
                        },
                        refused -> refused(command, refused, now),
                        unanswered -> {
                            deliveries.failed(command, unanswered.reason(), now);
                            return false;
                        });
        if (done) {
            deliveries.done(command);
            acknowledged.add(command.id());
        }
    }

    /** @return whether the command need not be sent again */
    private boolean refused(PendingCommand command, AgentAnswer.Refused answer, Instant now) {
        Problem problem = answer.problem();
        log.warn(
                "Migration {}: {} refused {}: {}",
                facts.id(),
                command.host(),
                command.command().kind(),
                problem.getDetail());
        boolean done = switch (command.command().kind()) {
            case INCOMING, OUTGOING -> {
                refusal = Optional.of(problem.getHost() == null ? problem.host(command.host()) : problem);
                yield true;
            }
            // It is made anew as long as the source needs it.
            case RESOLUTION -> true;
            // A migration whose source does not take it ends for its own reason, or has ended.
            case POLICY -> true;
            case FORGET -> answer.status() == NOT_FOUND;
            case ABORT -> false;
        };
        if (!done) {
            deliveries.failed(command, problem.getCode() + ": " + problem.getDetail(), now);
        }
        return done;
    }

    private Observed observed(Set<String> acknowledged, Instant now) {
        SideInbox source = inbox(MigrationRole.SOURCE);
        SideInbox destination = inbox(MigrationRole.DESTINATION);
        return new Observed(
                source.newest(),
                source.lost(),
                destination.newest(),
                destination.lost(),
                acknowledged,
                refusal,
                informSource(now),
                progressToStore(now));
    }

    /** The agents tell each other the decision; only when that has not worked for a while it is passed on. */
    private boolean informSource(Instant now) {
        boolean waits = inbox(MigrationRole.SOURCE)
                .newest()
                .filter(report -> report.getPhase() == SidePhase.GRANTED)
                .isPresent();
        boolean known = inbox(MigrationRole.DESTINATION)
                .newest()
                .filter(report -> DECIDED.contains(report.getPhase()))
                .isPresent();
        boolean toldNow =
                pending.stream().anyMatch(command -> command.command().kind() == MigrationCommand.Kind.RESOLUTION);
        if (!waits || !known || toldNow) {
            decisionKnown = null;
            return false;
        }
        if (decisionKnown == null) {
            decisionKnown = now;
        }
        return !now.isBefore(decisionKnown.plus(with.properties().resolutionAfter()));
    }

    private Optional<MigrationProgress> progressToStore(Instant now) {
        // The last figures are what is shown ever after.
        boolean last = inboxes.values().stream().allMatch(SideInbox::hasSaidItsLastWord);
        if (!last && now.isBefore(progressStored.plus(with.properties().progressStoreInterval()))) {
            return Optional.empty();
        }
        progressStored = now;
        return with.board().of(facts.id());
    }

    private void send(PendingCommand command) {
        Optional<KnownHost> host = with.hosts().find(command.host());
        if (host.isEmpty()) {
            put(new Delivered(command, new AgentAnswer.Unanswered("the host has not registered")));
            return;
        }
        var unused = with.agents()
                .send(host.get().agent(), command.command())
                .thenAccept(answer -> put(new Delivered(command, answer)));
    }

    private void put(Delivered arrived) {
        delivered.add(arrived);
        wake();
    }

    private void askSilentSides(Step step, Instant now) {
        ask(MigrationRole.DESTINATION, now);
        if (step.outgoingOrdered() || step.phase().ending()) {
            ask(MigrationRole.SOURCE, now);
        }
    }

    /** A host that has a command coming will answer that; asked in between it could deny what it is about to be told. */
    private void ask(MigrationRole role, Instant now) {
        String host = facts.host(role);
        Instant last = asked.getOrDefault(role, Instant.EPOCH);
        Instant stale = now.minus(with.properties().reportStaleAfter());
        boolean commanded = pending.stream().anyMatch(command -> command.host().equals(host));
        if (commanded
                || inbox(role).hasSaidItsLastWord()
                || inbox(role).heard().isAfter(stale)
                || last.isAfter(stale)) {
            return;
        }
        asked.put(role, now);
        with.hosts().find(host).ifPresent(known -> {
            var unused = with.agents().ask(known.agent(), facts.id()).thenAccept(answer -> answered(role, answer));
        });
    }

    private void answered(MigrationRole role, AgentAnswer answer) {
        boolean unused = answer.fold(
                acknowledged -> {
                    acknowledged.report().ifPresent(report -> report(facts.host(role), report));
                    return true;
                },
                refused -> {
                    if (refused.status() == NOT_FOUND) {
                        log.warn("Migration {}: {} does not know it", facts.id(), facts.host(role));
                        inbox(role).lose(with.clock().instant());
                        wake();
                    }
                    return false;
                },
                unanswered -> false);
    }

    private SideInbox inbox(MigrationRole role) {
        return java.util.Objects.requireNonNull(inboxes.get(role));
    }
}
