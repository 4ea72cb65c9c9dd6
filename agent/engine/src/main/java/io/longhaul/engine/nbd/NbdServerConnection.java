package io.longhaul.engine.nbd;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client of {@link NbdServer}, from its greeting to its end. Run by its own thread; {@link #close} from any. */
final class NbdServerConnection implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(NbdServerConnection.class);

    private final NbdServer server;
    private final NbdChannel channel;
    private volatile @Nullable NbdExport export;

    NbdServerConnection(NbdServer server, NbdChannel channel) {
        this.server = server;
        this.channel = channel;
    }

    @Override
    public void run() {
        try {
            NbdExport chosen = new NbdNegotiation(server, channel).run();
            if (chosen != null) {
                export = chosen;
            }
            // Removed since it was chosen: whoever removed it did not see this connection serve it.
            if (chosen != null && server.offers(chosen)) {
                new NbdTransmission(channel, chosen).run();
            }
        } catch (IOException e) {
            LOG.debug("NBD connection ended: {}", e.toString());
        } finally {
            close();
            server.ended(this);
        }
    }

    boolean serves(@Nullable NbdExport other) {
        return other != null && export == other;
    }

    void close() {
        channel.close();
    }
}
