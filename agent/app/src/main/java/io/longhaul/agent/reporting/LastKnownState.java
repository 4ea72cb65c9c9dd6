package io.longhaul.agent.reporting;

import io.longhaul.api.agent.model.Heartbeat;
import io.longhaul.api.agent.model.Registration;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of this host in time, so that a hypervisor or a file system that hangs does not make the whole host look dead:
 * what there is to tell is gathered on the executor, and where that takes too long, what was gathered last is told
 * again. Owned by the heartbeats' thread; gathers once at a time.
 */
public final class LastKnownState implements HostState {
    private static final Logger LOG = LoggerFactory.getLogger(LastKnownState.class);

    private final HostState host;
    private final Executor executor;
    private final Duration patience;
    private Optional<CompletableFuture<Heartbeat>> underWay = Optional.empty();
    private @Nullable Heartbeat last;

    /** @param host may block for long */
    public LastKnownState(HostState host, Executor executor, Duration patience) {
        this.host = host;
        this.executor = executor;
        this.patience = patience;
    }

    @Override
    public Registration registration() {
        return host.registration();
    }

    @Override
    public Heartbeat heartbeat() {
        CompletableFuture<Heartbeat> gathering = underWay.orElseGet(this::gather);
        if (gathering.isDone() && underWay.isPresent()) {
            // Begun long ago: worth being known, not worth being told where there is something newer.
            keep(gathering);
            gathering = gather();
        }
        underWay = Optional.of(gathering);
        Heartbeat known = last;
        if (known == null) {
            return first(gathering);
        }
        try {
            Heartbeat fresh = gathering.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            underWay = Optional.empty();
            last = fresh;
            return fresh;
        } catch (TimeoutException e) {
            LOG.warn("What this host is takes longer than {} to gather; telling what was known last", patience);
            return known;
        } catch (ExecutionException e) {
            underWay = Optional.empty();
            throw new IllegalStateException("What this host is could not be gathered", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return known;
        }
    }

    /** There is nothing else to tell; an empty host would be a lie. */
    private Heartbeat first(CompletableFuture<Heartbeat> gathering) {
        underWay = Optional.empty();
        Heartbeat fresh = gathering.join();
        last = fresh;
        return fresh;
    }

    private void keep(CompletableFuture<Heartbeat> gathered) {
        if (!gathered.isCompletedExceptionally()) {
            last = gathered.join();
        }
    }

    private CompletableFuture<Heartbeat> gather() {
        return CompletableFuture.supplyAsync(host::heartbeat, executor);
    }
}
