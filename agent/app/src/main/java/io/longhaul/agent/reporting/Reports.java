package io.longhaul.agent.reporting;

import io.longhaul.agent.migrations.MigrationReports;
import io.longhaul.agent.migrations.ReportSink;
import io.longhaul.api.agent.model.MigrationReport;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pushes migrations' reports: at once after a change, and their progress while they run. Only the last state counts: a
 * report that could not be delivered is made anew, never kept. Its state is owned by its own thread; {@link #changed} is
 * thread safe and never blocks.
 */
public final class Reports implements ReportSink, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reports.class);

    /** The API promises no more than two a second for each migration. */
    static final Duration PROGRESS_INTERVAL = Duration.ofMillis(500);

    /** Nothing runs: only a wake ends this, so it may be long. */
    private static final Duration IDLE = Duration.ofSeconds(60);

    private final ControlPlane controlPlane;
    private final MigrationReports reports;
    private final LongSupplier nanos;
    private final Runnable onFailure;
    private final Backoff backoff = new Backoff();
    private final Outage outage = new Outage(LOG, "Reporting migrations to the control plane");
    private final Loop loop = new Loop(this::step);
    private final Set<String> changed = ConcurrentHashMap.newKeySet();
    private final Map<String, Object> sentProgress = new HashMap<>();
    private long progressAtNanos;
    private boolean progressKnown;
    private volatile @Nullable Heartbeats heartbeats;

    public Reports(ControlPlane controlPlane, MigrationReports reports, LongSupplier nanos, Runnable onFailure) {
        this.controlPlane = controlPlane;
        this.reports = reports;
        this.nanos = nanos;
        this.onFailure = onFailure;
    }

    public void start(ThreadFactory threads, Heartbeats registration) {
        heartbeats = registration;
        loop.start(threads);
    }

    @Override
    public void changed(String migrationId) {
        changed.add(migrationId);
        loop.wake();
    }

    /** The control plane has come to know this host: what waited can go. */
    public void onRegistered() {
        loop.wake();
    }

    /** Sends what there is to send; answers how long to wait. */
    Duration step() {
        Heartbeats registration = heartbeats;
        if (registration != null && !registration.registered()) {
            return IDLE;
        }
        Set<String> due = new LinkedHashSet<>(changed);
        boolean running = addProgress(due);
        for (String migrationId : due) {
            changed.remove(migrationId);
            Optional<Duration> pause = send(migrationId, registration);
            if (pause.isPresent()) {
                changed.addAll(due);
                return pause.get();
            }
        }
        return running ? PROGRESS_INTERVAL : IDLE;
    }

    /** Adds the running migrations whose progress has moved since it was last sent, when it is time again. */
    private boolean addProgress(Set<String> due) {
        List<MigrationReport> running = reports.running();
        sentProgress
                .keySet()
                .retainAll(running.stream().map(MigrationReport::getMigrationId).toList());
        long now = nanos.getAsLong();
        if (progressKnown && now - progressAtNanos < PROGRESS_INTERVAL.toNanos()) {
            return !running.isEmpty();
        }
        progressKnown = true;
        progressAtNanos = now;
        for (MigrationReport report : running) {
            if (report.getProgress() != null
                    && !report.getProgress().equals(sentProgress.get(report.getMigrationId()))) {
                due.add(report.getMigrationId());
            }
        }
        return !running.isEmpty();
    }

    /** Empty where the next can follow; else how long to wait first. */
    private Optional<Duration> send(String migrationId, @Nullable Heartbeats registration) {
        MigrationReport report = reports.find(migrationId).orElse(null);
        if (report == null) {
            return Optional.empty();
        }
        Answer answer = controlPlane.report(report);
        return switch (answer.kind()) {
            case TAKEN -> {
                outage.worked();
                backoff.reset();
                if (report.getProgress() != null) {
                    sentProgress.put(migrationId, report.getProgress());
                }
                yield Optional.empty();
            }
            case REFUSED -> {
                onFailure.run();
                LOG.warn("The control plane refused the report of the migration {}: {}", migrationId, answer.text());
                yield Optional.empty();
            }
            case NO_SUCH_HOST -> {
                if (registration != null) {
                    registration.registerAgain();
                }
                yield Optional.of(backoff.next());
            }
            case FAILED -> {
                onFailure.run();
                outage.failed(answer.text());
                yield Optional.of(backoff.next());
            }
        };
    }

    @Override
    public void close() {
        loop.close();
    }
}
