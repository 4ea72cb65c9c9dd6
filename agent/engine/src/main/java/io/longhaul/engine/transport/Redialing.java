package io.longhaul.engine.transport;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connector's way back to its connections. Thread safe: a thread per connection that is not there, until it is. After
 * each failure it waits, see {@link Pauses}.
 */
final class Redialing implements Redial {
    private static final Logger LOG = LoggerFactory.getLogger(Redialing.class);

    private static final Duration LEAST_TIMEOUT = Duration.ofSeconds(2);
    /** TCP takes one, the handshake one, protection one more, and each may lose a packet. */
    private static final int ROUND_TRIPS = 8;

    private final TcpLink link;
    private final Dialer dialer;
    private final boolean[] dialling;

    Redialing(TcpLink link, Dialer dialer) {
        this.link = link;
        this.dialer = dialer;
        this.dialling = new boolean[dialer.places()];
    }

    /** Someone else dials this one already. */
    synchronized void begin(int index) {
        dialling[index] = true;
    }

    synchronized void end(int index) {
        dialling[index] = false;
    }

    @Override
    public void wanted(int index, boolean atOnce) {
        synchronized (this) {
            if (dialling[index]) {
                return;
            }
            dialling[index] = true;
        }
        try {
            link.startThread("redial-" + index, () -> redial(index, atOnce));
        } catch (RuntimeException | Error fault) {
            // The pulse asks again for one that is needed.
            LOG.error("connection {} to {} cannot be dialled now", index, dialer.peer(), fault);
            end(index);
        }
    }

    @Override
    public void abortOlderThan(long nanos) {
        dialer.abortOlderThan(nanos == 0 ? 0 : Math.max(LEAST_TIMEOUT.toNanos(), nanos));
    }

    private void redial(int index, boolean atOnce) {
        Dialer.Proven proven = null;
        try {
            proven = dialUntilBack(index, atOnce ? Duration.ZERO : Pauses.FIRST);
        } catch (SessionRefusedException refused) {
            link.refused(String.valueOf(refused.getMessage()));
        } catch (InterruptedException stopped) {
            LOG.debug("redialling connection {} was interrupted", index);
        } finally {
            // Once, and before it joins: where it is lost at once it is wanted again, and whoever dials it then is not
            // to be taken for done by this thread.
            end(index);
        }
        if (proven != null && !link.join(proven.connection(), index, proven.opening(), proven.roundTripNanos())) {
            Sockets.closeQuietly(proven.connection());
        }
    }

    /** @return null where the link has ended, or the connection was wanted in the moment before it joined */
    private Dialer.@Nullable Proven dialUntilBack(int index, Duration firstPause)
            throws SessionRefusedException, InterruptedException {
        Duration pause = firstPause;
        while (!link.awaitEnd(pause.toNanos()) && !link.isConnected(index)) {
            try {
                return dialer.open(index, timeout(), roundTripNanos -> true);
            } catch (IOException unreachable) {
                LOG.debug("connection {} to {} is not back: {}", index, dialer.peer(), Sockets.reasonOf(unreachable));
            } catch (RuntimeException | Error fault) {
                LOG.error("connection {} to {}: dialling failed; trying again", index, dialer.peer(), fault);
            }
            pause = Pauses.longer(pause);
        }
        return null;
    }

    private Duration timeout() {
        double roundTripMillis = link.roundTripMillis();
        Duration byDistance = Double.isNaN(roundTripMillis)
                ? Duration.ZERO
                : Duration.ofMillis((long) (ROUND_TRIPS * roundTripMillis));
        return byDistance.compareTo(LEAST_TIMEOUT) > 0 ? byDistance : LEAST_TIMEOUT;
    }
}
