package io.longhaul.bench.wan;

import io.longhaul.client.model.MigrationState;
import io.longhaul.client.model.StateChange;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/** Where the time of a migration went. Stateless. */
final class Stages {
    private Stages() {}

    /**
     * From the first time in the state to leaving it, by this machine's monotonic clock; empty where it has not been
     * left. The history has the wall clock of this same machine.
     */
    static Optional<Span> span(List<StateChange> history, MigrationState state) {
        for (int i = 0; i + 1 < history.size(); i++) {
            if (history.get(i).getState() == state) {
                return Optional.of(new Span(nanos(history.get(i)), nanos(history.get(i + 1))));
            }
        }
        return Optional.empty();
    }

    private static long nanos(StateChange change) {
        Duration ago = Duration.between(change.getAt().toInstant(), Instant.now());
        return System.nanoTime() - ago.toNanos();
    }

    static String describe(List<StateChange> history) {
        StringJoiner text = new StringJoiner(", ");
        for (int i = 0; i < history.size(); i++) {
            StateChange change = history.get(i);
            String name = change.getState().getValue();
            if (i + 1 < history.size()) {
                Duration span = Duration.between(
                        change.getAt().toInstant(), history.get(i + 1).getAt().toInstant());
                text.add(name + " " + span.toMillis() + " ms");
            } else {
                text.add(name);
            }
        }
        return text.toString();
    }
}
