package io.longhaul.bench.wan;

import io.longhaul.client.model.StateChange;
import java.time.Duration;
import java.util.List;
import java.util.StringJoiner;

/** Where the time of a migration went. Stateless. */
final class Stages {
    private Stages() {}

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
