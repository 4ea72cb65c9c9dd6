package io.longhaul.agent.probe;

import io.longhaul.engine.session.GuestWatch;
import java.time.Duration;
import java.util.Optional;

/** For guests that say nothing of themselves. Immutable. */
final class NoWatch implements GuestWatch {

    @Override
    public void watchTicks() {
        // nothing to watch
    }

    @Override
    public Optional<Ticks> ticks() {
        return Optional.empty();
    }

    @Override
    public Optional<Boolean> awaitCheck(Duration deadline) {
        return Optional.empty();
    }

    @Override
    public void close() {
        // nothing to close
    }
}
