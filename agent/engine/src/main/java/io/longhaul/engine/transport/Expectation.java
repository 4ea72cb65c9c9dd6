package io.longhaul.engine.transport;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A session that a listener waits for. The listener's lock guards what changes. */
final class Expectation {
    final SessionId session;
    final byte[] secret;
    final Consumer<Link> taker;
    private @Nullable Assembly assembly;

    Expectation(SessionId session, byte[] secret, Consumer<Link> taker) {
        this.session = session;
        this.secret = secret;
        this.taker = taker;
    }

    /** The assembly of this attempt; a newer attempt ends an older one, of which the connector has let go. */
    Assembly assemblyOf(Hello hello) {
        Assembly current = assembly;
        if (current != null && current.belongsTo(hello)) {
            return current;
        }
        abandon();
        Assembly started = new Assembly(hello);
        assembly = started;
        return started;
    }

    boolean isAssembling(Assembly candidate) {
        return assembly == candidate;
    }

    void abandon() {
        Assembly current = assembly;
        assembly = null;
        if (current != null) {
            current.abandon();
        }
    }
}
