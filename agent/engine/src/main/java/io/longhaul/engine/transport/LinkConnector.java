package io.longhaul.engine.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes links to listeners of other agents. Thread safe. */
public final class LinkConnector {
    private static final Logger LOG = LoggerFactory.getLogger(LinkConnector.class);

    private final LinkEnvironment environment;
    private final TransportCounters counters = new TransportCounters();
    private final RefusalLog refusals;

    public LinkConnector(LinkEnvironment environment) {
        this.environment = environment;
        this.refusals = new RefusalLog(LOG, counters, environment.ticker());
    }

    public TransportCounters counters() {
        return counters;
    }

    /** To a listener with one address; see the other. */
    public Link connect(InetSocketAddress listener, SessionId session, PeerProof peer, LinkSettings settings)
            throws LinkException, InterruptedException {
        return connect(List.of(listener), session, peer, settings);
    }

    /**
     * Opens the connections of a link at the same time, each with its proof. Blocks until the urgent one and one of the
     * others are proven, at most for the handshake's timeout; the others join when they are there. Where the urgent one
     * or all others cannot be opened, none is left.
     *
     * @param listeners addresses of one listener; connections are spread over the pairs of local ones and these
     * @param peer what the listener has to prove
     */
    public Link connect(List<InetSocketAddress> listeners, SessionId session, PeerProof peer, LinkSettings settings)
            throws LinkException, InterruptedException {
        if (listeners.isEmpty()) {
            throw new IllegalArgumentException("a listener has at least one address");
        }
        Dialer dialer = new Dialer(listeners, session, peer, settings, environment, refusals);
        return new Attempt(dialer, session, settings).run();
    }

    /** One link in the making. Its lock guards what changes. */
    private final class Attempt {
        private final Dialer dialer;
        private final String name;
        private final LinkSettings settings;
        private final Object lock = new Object();
        private final List<Dialer.Proven> proven = new ArrayList<>();
        private final boolean[] dialling;
        private int bulkFailures;
        private @Nullable LinkException failure;
        private @Nullable TcpLink link;
        private @Nullable Redialing redialing;
        private boolean givenUp;

        Attempt(Dialer dialer, SessionId session, LinkSettings settings) {
            this.dialer = dialer;
            this.name = "link-" + session.migrationId() + "-out";
            this.settings = settings;
            this.dialling = new boolean[dialer.places()];
        }

        Link run() throws LinkException, InterruptedException {
            for (int index = 0; index < dialer.places(); index++) {
                int own = index;
                dialling[own] = true;
                environment.newThread(name + "-connect-" + own, () -> dial(own)).start();
            }
            try {
                return awaitLink();
            } catch (LinkException | InterruptedException failed) {
                giveUp();
                throw failed;
            }
        }

        private Link awaitLink() throws LinkException, InterruptedException {
            Sockets.Deadline deadline = Sockets.Deadline.in(settings.handshakeTimeout(), environment.ticker());
            synchronized (lock) {
                while (failure == null && !isUsable()) {
                    long left = deadline.nanosLeft();
                    if (left <= 0) {
                        throw new LinkException(
                                "no link to " + dialer.peer() + " within " + settings.handshakeTimeout());
                    }
                    TimeUnit.NANOSECONDS.timedWait(lock, left);
                }
                if (failure != null) {
                    throw failure;
                }
                return makeLink();
            }
        }

        private TcpLink makeLink() {
            TcpLink made = new TcpLink(name, dialer.places(), proven.get(0).windows(), settings, environment, counters);
            Redialing redials = new Redialing(made, dialer);
            for (int index = 0; index < dialling.length; index++) {
                if (dialling[index]) {
                    redials.begin(index);
                }
            }
            proven.forEach(one -> joinOrClose(made, one));
            link = made;
            redialing = redials;
            made.start(redials);
            LOG.info("{} is made with {}", name, proven.get(0).connection().peer());
            return made;
        }

        private boolean isUsable() {
            return proven.size() >= 2 && proven.stream().anyMatch(one -> one.index() == Lane.URGENT);
        }

        private void giveUp() {
            synchronized (lock) {
                givenUp = true;
                proven.forEach(one -> Sockets.closeQuietly(one.connection()));
            }
            dialer.abortOlderThan(0);
        }

        private void dial(int index) {
            try {
                Dialer.Proven one = open(index);
                synchronized (lock) {
                    done(index);
                    if (one != null) {
                        take(one);
                    }
                }
            } catch (SessionRefusedException refused) {
                synchronized (lock) {
                    done(index);
                    fail(new LinkException(String.valueOf(refused.getMessage())));
                }
            } catch (IOException broken) {
                synchronized (lock) {
                    done(index);
                    unreachable(index, broken);
                }
            }
        }

        /** Over each pair of addresses once. */
        private Dialer.@Nullable Proven open(int index) throws IOException, SessionRefusedException {
            IOException last = new IOException("it was not tried");
            for (int pair = 0; pair < dialer.pairs(); pair++) {
                synchronized (lock) {
                    if (givenUp) {
                        return null;
                    }
                }
                try {
                    return dialer.open(
                            index,
                            settings.handshakeTimeout(),
                            roundTripNanos -> index <= ConnectionNeed.of(roundTripNanos, 0, settings.connections()));
                } catch (IOException unreachable) {
                    last = unreachable;
                }
            }
            throw last;
        }

        private void take(Dialer.Proven one) {
            if (givenUp) {
                Sockets.closeQuietly(one.connection());
            } else if (link != null) {
                joinOrClose(link, one);
            } else {
                proven.add(one);
                lock.notifyAll();
            }
        }

        private void done(int index) {
            dialling[index] = false;
            if (redialing != null) {
                redialing.end(index);
            }
        }

        private void unreachable(int index, IOException broken) {
            bulkFailures += index == Lane.URGENT ? 0 : 1;
            if (link != null && redialing != null) {
                redialing.wanted(index, false);
            } else if (index == Lane.URGENT || bulkFailures == settings.connections()) {
                fail(new LinkException("no link to " + dialer.peer() + ": " + Sockets.reasonOf(broken), broken));
            }
        }

        /** The first failure is the reason; those that follow from closing the others are not. */
        private void fail(LinkException reason) {
            if (link != null) {
                link.refused(String.valueOf(reason.getMessage()));
            } else if (failure == null) {
                failure = reason;
                lock.notifyAll();
            }
        }

        private void joinOrClose(TcpLink made, Dialer.Proven one) {
            if (!made.join(one.connection(), one.index(), one.opening(), one.roundTripNanos())) {
                Sockets.closeQuietly(one.connection());
            }
        }
    }
}
