package io.longhaul.controlplane.execution;

import io.longhaul.controlplane.config.ExecutionProperties;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * When which command is sent again. Owned by its worker. At most one command for a host is under way, so that they
 * arrive in order; hosts do not wait for each other.
 */
final class Deliveries {

    private record Attempt(int failures, Instant due, String lastReason) {}

    private final ExecutionProperties properties;
    private final Map<String, Attempt> failed = new HashMap<>();
    /** Host to the command under way there. */
    private final Map<String, String> underWay = new HashMap<>();

    Deliveries(ExecutionProperties properties) {
        this.properties = properties;
    }

    /** Forgets commands that are no longer pending, and takes the ones to be sent now under way. */
    List<PendingCommand> take(List<PendingCommand> pending, Instant now) {
        failed.keySet().retainAll(pending.stream().map(PendingCommand::id).collect(Collectors.toSet()));
        Set<String> passed = new HashSet<>(underWay.keySet());
        List<PendingCommand> due = pending.stream()
                .filter(command -> passed.add(command.host()))
                .filter(command -> Optional.ofNullable(failed.get(command.id()))
                        .filter(attempt -> attempt.due().isAfter(now))
                        .isEmpty())
                .toList();
        due.forEach(command -> underWay.put(command.host(), command.id()));
        return due;
    }

    /** Answered: the next command for the host may go. */
    void done(PendingCommand command) {
        underWay.remove(command.host(), command.id());
        failed.remove(command.id());
    }

    /** Not answered: the same command goes again later. */
    void failed(PendingCommand command, String reason, Instant now) {
        underWay.remove(command.host(), command.id());
        int failures = Optional.ofNullable(failed.get(command.id()))
                        .map(Attempt::failures)
                        .orElse(0)
                + 1;
        failed.put(command.id(), new Attempt(failures, now.plus(pause(failures)), reason));
    }

    Optional<Instant> nextDue() {
        return failed.values().stream().map(Attempt::due).min(Instant::compareTo);
    }

    /** What the migration waits for, if agents do not answer. */
    Optional<String> obstacle(List<PendingCommand> pending) {
        for (PendingCommand command : pending) {
            Attempt attempt = failed.get(command.id());
            if (attempt != null) {
                return Optional.of("agent of " + command.host() + " to answer "
                        + command.command().kind() + " (" + attempt.lastReason() + ")");
            }
        }
        return Optional.empty();
    }

    private Duration pause(int failures) {
        Duration pause = properties.retryFirst();
        for (int i = 1; i < failures && pause.compareTo(properties.retryMost()) < 0; i++) {
            pause = pause.multipliedBy(2);
        }
        return pause.compareTo(properties.retryMost()) < 0 ? pause : properties.retryMost();
    }
}
