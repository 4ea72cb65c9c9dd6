package io.longhaul.engine.transport;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes links to listeners of other agents. Thread safe. */
public final class LinkConnector {
    private static final Logger LOG = LoggerFactory.getLogger(LinkConnector.class);

    /** Five round trips of 200 ms and a packet lost twice; one that takes longer began while nothing came through. */
    private static final Duration FIRST_TRY = Duration.ofSeconds(3);
    /** How often those under way are looked at. */
    private static final Duration LOOK = Duration.ofMillis(100);

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

    /** To a listener with one address, and wanted however long it takes; see the other. */
    public Link connect(InetSocketAddress listener, SessionId session, PeerProof peer, LinkSettings settings)
            throws LinkException, InterruptedException {
        return connect(List.of(listener), session, peer, settings, () -> true);
    }

    /**
     * Opens the connections of a link at the same time, each with its proof. Blocks until the urgent one and one of the
     * others are proven, at most for the link's timeout; the others join when they are there. One that is lost before
     * it is proven, or takes too long, is tried again over the next pair of addresses: an outage that ends within the
     * timeout only delays. Where all addresses refuse the urgent one, or all others, it ends at once, and none is left.
     *
     * @param listeners addresses of one listener; connections are spread over the pairs of local ones and these
     * @param peer what the listener has to prove
     * @param wanted asked now and then, once the first try has had its time: where it says no, the making ends. Before
     *     that a link is made also for who only wants to tell the other side that it is not wanted
     */
    public Link connect(
            List<InetSocketAddress> listeners,
            SessionId session,
            PeerProof peer,
            LinkSettings settings,
            BooleanSupplier wanted)
            throws LinkException, InterruptedException {
        if (listeners.isEmpty()) {
            throw new IllegalArgumentException("a listener has at least one address");
        }
        Dialer dialer = new Dialer(listeners, session, peer, settings, environment, refusals);
        return new Attempt(dialer, session, settings).run(wanted);
    }

    /** One link in the making. Its lock guards what changes. */
    private final class Attempt {
        private final Dialer dialer;
        private final String name;
        private final LinkSettings settings;
        private final Object lock = new Object();
        private final List<Dialer.Proven> proven = new ArrayList<>();
        private final boolean[] dialling;
        private @Nullable IOException lastBroken;
        private @Nullable LinkException failure;
        private @Nullable TcpLink link;
        private @Nullable Redialing redialing;
        private boolean givenUp;
        /** The least that TCP's opening took: where a packet was lost it took longer than a round trip. */
        private long roundTripNanos = Long.MAX_VALUE;

        Attempt(Dialer dialer, SessionId session, LinkSettings settings) {
            this.dialer = dialer;
            this.name = "link-" + session.migrationId() + "-out";
            this.settings = settings;
            this.dialling = new boolean[dialer.places()];
        }

        Link run(BooleanSupplier wanted) throws LinkException, InterruptedException {
            try {
                Arrays.fill(dialling, true);
                for (int index = 0; index < dialer.places(); index++) {
                    int own = index;
                    environment
                            .newThread(name + "-connect-" + own, () -> dial(own))
                            .start();
                }
                return awaitLink(wanted);
            } catch (LinkException | InterruptedException | RuntimeException | Error failed) {
                giveUp();
                throw failed;
            }
        }

        private Link awaitLink(BooleanSupplier wanted) throws LinkException, InterruptedException {
            Sockets.Deadline deadline = Sockets.Deadline.in(settings.linkTimeout(), environment.ticker());
            Sockets.Deadline firstTry = Sockets.Deadline.in(firstTry(), environment.ticker());
            while (true) {
                synchronized (lock) {
                    if (failure != null) {
                        throw failure;
                    }
                    if (isUsable()) {
                        return makeLink();
                    }
                    long left = deadline.nanosLeft();
                    if (left <= 0) {
                        throw noLink(" within " + settings.linkTimeout().toMillis() + " ms", lastBroken);
                    }
                    TimeUnit.NANOSECONDS.timedWait(lock, Math.min(left, LOOK.toNanos()));
                }
                dialer.abortLate();
                if (firstTry.nanosLeft() <= 0 && !wanted.getAsBoolean()) {
                    throw noLink(", which is not wanted any more", null);
                }
            }
        }

        private LinkException noLink(String within, @Nullable IOException broken) {
            String reason = broken == null ? "" : ": " + Sockets.reasonOf(broken);
            return new LinkException("no link to " + dialer.peer() + within + reason, broken);
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
            lock.notifyAll();
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
                lock.notifyAll();
                if (link != null) {
                    link.refused("it could not be started");
                }
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
                    failWhereNoneIsLeft();
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
                    failWhereNoneIsLeft();
                }
            } catch (InterruptedException stopped) {
                LOG.error("{} was interrupted and ends", Thread.currentThread().getName());
            } catch (RuntimeException | Error bug) {
                LOG.error("{}: dialling failed", name, bug);
                synchronized (lock) {
                    done(index);
                    fail(new LinkException("no link to " + dialer.peer() + ": " + bug, bug));
                }
            }
        }

        /**
         * Tries each pair of addresses in turn, until it is there, each of them has refused, or the link is made or given up.
         *
         * @return null where it is not needed over this distance
         */
        private Dialer.@Nullable Proven open(int index)
                throws IOException, SessionRefusedException, InterruptedException {
            Duration patience = firstTry();
            Duration pause = Duration.ZERO;
            int refused = 0;
            for (int tries = 1; true; tries++) {
                try {
                    return dialer.open(
                            index,
                            Pauses.shorter(patience, settings.handshakeTimeout()),
                            opened -> isNeeded(index, opened));
                } catch (IOException broken) {
                    refused = isRefusal(broken) ? refused + 1 : 0;
                    if (refused == dialer.pairs() || !awaitNextTry(pause, broken)) {
                        throw broken;
                    }
                }
                if (tries % dialer.pairs() == 0) {
                    patience = patience.multipliedBy(2);
                    pause = Pauses.longer(pause);
                }
            }
        }

        private Duration firstTry() {
            return Pauses.shorter(FIRST_TRY, settings.handshakeTimeout());
        }

        private boolean isNeeded(int index, long openedNanos) {
            synchronized (lock) {
                roundTripNanos = Math.min(roundTripNanos, openedNanos);
                return !givenUp && index <= ConnectionNeed.of(roundTripNanos, 0, settings.connections());
            }
        }

        /** Somebody is there and has said no, which a second question does not change. */
        private static boolean isRefusal(IOException broken) {
            return switch (UnprovenPeerException.of(broken)) {
                case LATE, LOST -> broken instanceof ConnectException;
                default -> true;
            };
        }

        /** @return false where there is to be none */
        private boolean awaitNextTry(Duration pause, IOException broken) throws InterruptedException {
            Sockets.Deadline next = Sockets.Deadline.in(pause, environment.ticker());
            synchronized (lock) {
                lastBroken = broken;
                while (!givenUp && link == null && next.nanosLeft() > 0) {
                    TimeUnit.NANOSECONDS.timedWait(lock, next.nanosLeft());
                }
                return !givenUp && link == null;
            }
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
            lastBroken = broken;
            // How many of the others are needed the link itself knows, and asks for them.
            if (redialing != null && index == Lane.URGENT) {
                redialing.wanted(index, false);
            }
        }

        /** Fails where no urgent connection can come any more, or no other; some may be there that are not needed. */
        private void failWhereNoneIsLeft() {
            boolean urgent = dialling[Lane.URGENT];
            boolean other = false;
            for (int index = 0; index < dialling.length; index++) {
                other |= index != Lane.URGENT && dialling[index];
            }
            for (Dialer.Proven one : proven) {
                urgent |= one.index() == Lane.URGENT;
                other |= one.index() != Lane.URGENT;
            }
            if (link == null && !givenUp && !(urgent && other)) {
                fail(noLink("", lastBroken));
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
