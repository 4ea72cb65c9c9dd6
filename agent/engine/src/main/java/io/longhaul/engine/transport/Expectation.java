package io.longhaul.engine.transport;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A session that a listener waits for. The listener's lock guards what changes. */
final class Expectation {
    /** Attempts that were given up and must not come back; who knows the secret makes few of them. */
    private static final int RETIRED_LIMIT = 64;

    final SessionId session;
    final PeerProof peer;
    final Consumer<Link> taker;
    private final Deque<Hello.Key> retired = new ArrayDeque<>();
    private @Nullable Assembly assembly;

    Expectation(SessionId session, PeerProof peer, Consumer<Link> taker) {
        this.session = session;
        this.peer = peer;
        this.taker = taker;
    }

    Handshake.Verdict verdictOn(Hello hello, Connection from) {
        if (session.epoch() != hello.session().epoch()) {
            return Handshake.Verdict.EPOCH;
        }
        if (!from.couldBe(peer.hostName())) {
            return Handshake.Verdict.HOST;
        }
        return retired.contains(hello.attempt()) ? Handshake.Verdict.STALE : Handshake.Verdict.WELCOME;
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
        if (current == null) {
            return;
        }
        if (retired.size() == RETIRED_LIMIT) {
            retired.removeFirst();
        }
        retired.add(current.attempt());
        current.abandon();
    }
}
