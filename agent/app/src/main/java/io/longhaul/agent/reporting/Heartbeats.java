package io.longhaul.agent.reporting;

import io.longhaul.api.agent.model.RegistrationAnswer;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Registers this host and keeps saying that it is there. Its state is owned by its own thread; the public methods are
 * thread safe.
 */
public final class Heartbeats implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);

    private final ControlPlane controlPlane;
    private final HostState state;
    private final JsonMapper mapper;
    private final Runnable onRegistered;
    private final Runnable onFailure;
    private final Backoff backoff = new Backoff();
    private final Outage outage = new Outage(LOG, "Telling the control plane of this host");
    private final Loop loop = new Loop(this::step);
    private Duration interval = Duration.ofSeconds(5);
    private volatile boolean registered;

    /** @param onRegistered called on the heartbeats' thread each time the control plane has come to know this host */
    public Heartbeats(
            ControlPlane controlPlane, HostState state, JsonMapper mapper, Runnable onRegistered, Runnable onFailure) {
        this.controlPlane = controlPlane;
        this.state = state;
        this.mapper = mapper;
        this.onRegistered = onRegistered;
        this.onFailure = onFailure;
    }

    public void start(ThreadFactory threads) {
        LOG.info("Reporting to {}", controlPlane.address());
        loop.start(threads);
    }

    /** Something changed that the control plane should know before the next heartbeat is due. */
    public void soon() {
        loop.wake();
    }

    boolean registered() {
        return registered;
    }

    /** The control plane said that it does not know this host. */
    void registerAgain() {
        registered = false;
        loop.wake();
    }

    /** One registration or heartbeat; answers how long to wait. */
    Duration step() {
        boolean registering = !registered;
        Answer answer =
                registering ? controlPlane.register(state.registration()) : controlPlane.heartbeat(state.heartbeat());
        return switch (answer.kind()) {
            case TAKEN -> onTaken(registering, answer.text());
            case NO_SUCH_HOST -> onUnknown(registering, answer.text());
            case FAILED, REFUSED -> onFailed(answer.text());
        };
    }

    private Duration onTaken(boolean registering, String text) {
        outage.worked();
        backoff.reset();
        if (!registering) {
            return interval;
        }
        interval = interval(text);
        registered = true;
        LOG.info("The control plane knows this host; heartbeats every {} s", interval.toSeconds());
        onRegistered.run();
        return Duration.ZERO;
    }

    private Duration onUnknown(boolean registering, String text) {
        if (registering) {
            return onFailed(text);
        }
        LOG.info("The control plane does not know this host (any more); registering again");
        registered = false;
        return Duration.ZERO;
    }

    private Duration onFailed(String reason) {
        onFailure.run();
        outage.failed(reason);
        return backoff.next();
    }

    private Duration interval(String text) {
        try {
            Integer seconds = mapper.readValue(text, RegistrationAnswer.class).getHeartbeatSeconds();
            return seconds == null ? interval : Duration.ofSeconds(Math.max(1, seconds));
        } catch (JacksonException e) {
            LOG.warn("The control plane's answer to the registration cannot be read: {}", e.getOriginalMessage());
            return interval;
        }
    }

    @Override
    public void close() {
        loop.close();
    }
}
