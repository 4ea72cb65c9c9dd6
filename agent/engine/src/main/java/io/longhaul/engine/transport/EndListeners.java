package io.longhaul.engine.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who is to hear of a link's end, once. Thread safe; listeners are called without the lock. */
final class EndListeners {
    private static final Logger LOG = LoggerFactory.getLogger(EndListeners.class);

    private final String link;
    private final List<Consumer<Link.LinkEnd>> waiting = new ArrayList<>();
    private Link.@Nullable LinkEnd announced;

    EndListeners(String link) {
        this.link = link;
    }

    void add(Consumer<Link.LinkEnd> listener) {
        Link.LinkEnd end;
        synchronized (this) {
            end = announced;
            if (end == null) {
                waiting.add(listener);
                return;
            }
        }
        listener.accept(end);
    }

    void announce(Link.@Nullable LinkEnd end) {
        if (end == null) {
            return;
        }
        List<Consumer<Link.LinkEnd>> listeners;
        synchronized (this) {
            announced = end;
            listeners = List.copyOf(waiting);
            waiting.clear();
        }
        LOG.info("{} ended: {}", link, end);
        for (Consumer<Link.LinkEnd> listener : listeners) {
            try {
                listener.accept(end);
            } catch (RuntimeException | Error bug) {
                LOG.error("{}: a listener failed at the end", link, bug);
            }
        }
    }
}
