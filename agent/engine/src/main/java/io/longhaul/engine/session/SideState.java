package io.longhaul.engine.session;

import io.longhaul.engine.handover.Handover;
import io.longhaul.engine.handover.HandoverState;
import io.longhaul.engine.progress.Progress;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where one side is, on disk and for those who ask. Thread safe; {@link #enter} is called by the side's thread alone. */
final class SideState {
    private static final Logger log = LoggerFactory.getLogger(SideState.class);

    private final String migrationId;
    private final MigrationSide.Role role;
    private final UUID guestId;
    private final long epoch;
    private final SideFiles files;
    private final Handover handover;
    private final Runnable observer;

    private SidePhase phase;
    private Optional<SideProblem> problem = Optional.empty();
    private Measurements measurements = Measurements.NONE;
    private volatile Supplier<Progress> progress = () -> Progress.NONE;

    SideState(String migrationId, SideFiles files, SideFiles.Record record, SidePhase phase, Runnable observer) {
        this.migrationId = migrationId;
        this.role = record.role();
        this.guestId = record.guestId();
        this.epoch = record.epoch();
        this.files = files;
        this.phase = phase;
        this.observer = observer;
        this.handover = role == MigrationSide.Role.SOURCE
                ? Handover.ofSource(record.decision(), files)
                : Handover.ofDestination(record.decision(), files);
    }

    String migrationId() {
        return migrationId;
    }

    MigrationSide.Role role() {
        return role;
    }

    UUID guestId() {
        return guestId;
    }

    long epoch() {
        return epoch;
    }

    HandoverState decision() {
        return handover.state();
    }

    /** As {@link Handover#decide}; logs what was decided. */
    boolean decide(HandoverState decision) throws IOException {
        boolean decided = handover.decide(decision);
        log.info(
                "{} {} of guest {}: epoch {} is {}{}",
                migrationId,
                role,
                guestId,
                epoch,
                handover.state(),
                decided ? "" : ", so not " + decision);
        return decided;
    }

    /** Changes the phase; the final ones are made durable first. */
    void enter(SidePhase next, String reason) throws IOException {
        SidePhase before = phase();
        if (next.terminal()) {
            freezeProgress();
            SideStatus now = status();
            files.writeEnd(StatusCodec.encode(new SideStatus(next, now.progress(), now.problem(), now.measurements())));
        }
        synchronized (this) {
            phase = next;
        }
        log.info("{} {} of guest {}: {} -> {} ({})", migrationId, role, guestId, before, next, reason);
        publish();
    }

    /** Tells those who watch that something but the phase has changed; on the side's thread. */
    void publish() {
        observer.run();
    }

    synchronized SidePhase phase() {
        return phase;
    }

    /** Asks for the progress before it takes the lock: the answer may take the hypervisor a moment. */
    SideStatus status() {
        Progress now = progress.get();
        synchronized (this) {
            return new SideStatus(phase, now, problem, measurements);
        }
    }

    /** The first problem is the reason; what follows from it is not. */
    synchronized void problem(SideProblem found) {
        if (problem.isEmpty()) {
            problem = Optional.of(found);
        }
    }

    synchronized void measured(UnaryOperator<Measurements> change) {
        measurements = change.apply(measurements);
    }

    void progressFrom(Supplier<Progress> source) {
        progress = source;
    }

    /** Keeps the last progress when what it is computed from is about to go. */
    void freezeProgress() {
        progress = constant(progress.get());
    }

    private static Supplier<Progress> constant(Progress last) {
        return () -> last;
    }
}
