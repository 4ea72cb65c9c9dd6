package io.longhaul.engine.nbd;

import io.longhaul.engine.nbd.NbdServerEvents.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client of {@link NbdServer}, from its greeting to its end. Run by its own thread; {@link #close} from any. */
final class NbdServerConnection implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(NbdServerConnection.class);

    private final NbdChannel channel;
    private final NbdExports exports;
    private final NbdServerEvents events;
    private final Consumer<NbdServerConnection> onEnd;
    private volatile @Nullable NbdExport export;

    NbdServerConnection(
            NbdChannel channel, NbdExports exports, NbdServerEvents events, Consumer<NbdServerConnection> onEnd) {
        this.channel = channel;
        this.exports = exports;
        this.events = events;
        this.onEnd = onEnd;
    }

    @Override
    public void run() {
        try {
            NbdExport chosen = new NbdNegotiation(exports, channel, events).run();
            if (chosen != null) {
                export = chosen;
            }
            // Removed since it was chosen: whoever removed it did not see this connection serve it.
            if (chosen != null && exports.offers(chosen)) {
                new NbdTransmission(channel, chosen, events).run();
            }
        } catch (NbdViolationException e) {
            events.count(Kind.VIOLATION, e.getMessage());
        } catch (EOFException e) {
            events.count(Kind.CUT_CONNECTION, e.getMessage());
        } catch (IOException e) {
            LOG.debug("NBD connection ended: {}", e.toString());
        } finally {
            close();
            onEnd.accept(this);
        }
    }

    boolean serves(@Nullable NbdExport other) {
        return other != null && export == other;
    }

    void close() {
        channel.close();
    }
}
