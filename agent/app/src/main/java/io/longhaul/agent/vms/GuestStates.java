package io.longhaul.agent.vms;

import io.longhaul.agent.vms.GuestHost.GuestState;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How all guests are, told in time: a hypervisor that hangs answers only after a long while, and must not keep what the
 * others say. Thread safe. Each guest is asked on the executor, with one question under way at most; where the answer is
 * not there in time, the last known one stands.
 */
public final class GuestStates {
    private static final Logger LOG = LoggerFactory.getLogger(GuestStates.class);

    private final Function<UUID, GuestState> ask;
    private final Executor executor;
    private final Duration patience;
    private final Map<UUID, CompletableFuture<GuestState>> asked = new ConcurrentHashMap<>();
    private final Map<UUID, GuestState> known = new ConcurrentHashMap<>();

    /** @param patience for the answers of all guests together */
    public GuestStates(Function<UUID, GuestState> ask, Executor executor, Duration patience) {
        this.ask = ask;
        this.executor = executor;
        this.patience = patience;
    }

    /** The states of these guests, which are all there are; one that has never answered is not among them. */
    Map<UUID, GuestState> ofAll(List<UUID> guests) {
        known.keySet().retainAll(Set.copyOf(guests));
        CompletableFuture<?>[] answers = guests.stream().map(this::question).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(answers).get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("Not every guest's hypervisor answered: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Map<UUID, GuestState> states = new HashMap<>(known);
        states.keySet().retainAll(Set.copyOf(guests));
        return states;
    }

    private CompletableFuture<GuestState> question(UUID guest) {
        return asked.computeIfAbsent(guest, this::begin);
    }

    /** The answer is kept before the question is over, so that whoever waited for it finds it. */
    private CompletableFuture<GuestState> begin(UUID guest) {
        CompletableFuture<GuestState> question = new CompletableFuture<>();
        executor.execute(() -> {
            try {
                GuestState state = ask.apply(guest);
                known.put(guest, state);
                asked.remove(guest);
                question.complete(state);
            } catch (RuntimeException | Error e) {
                LOG.error("The state of the guest {} could not be asked for", guest, e);
                asked.remove(guest);
                question.completeExceptionally(e);
            }
        });
        return question;
    }
}
