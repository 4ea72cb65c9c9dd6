package io.longhaul.controlplane.idempotency;

import io.longhaul.controlplane.config.ApiProperties;
import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.support.Json;
import io.longhaul.controlplane.support.Transactions;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;

/**
 * Makes a repeated request have one effect. Thread safe; requests with the same key wait for each other.
 *
 * <p>Only successes are kept: a refusal did nothing, so its repetition is judged anew.
 */
@Service
public class IdempotencyKeys {

    /** Keys share locks; unrelated requests then wait for each other sometimes, which is harmless. */
    private static final int LOCKS = 64;

    private final IdempotencyKeyRepository repository;
    private final Transactions transactions;
    private final ApiProperties properties;
    private final Json json;
    private final Clock clock;
    private final Lock[] locks =
            Stream.generate(ReentrantLock::new).limit(LOCKS).toArray(Lock[]::new);

    IdempotencyKeys(
            IdempotencyKeyRepository repository,
            Transactions transactions,
            ApiProperties properties,
            Json json,
            Clock clock) {
        this.repository = repository;
        this.transactions = transactions;
        this.properties = properties;
        this.json = json;
        this.clock = clock;
    }

    /** The answer to a request. */
    public record Answer<T>(int status, String location, T body) {}

    /**
     * @param key absent: the work is simply done
     * @param newResourceId makes the id of what the work will make
     * @param work is given that id, and is given it again after a crash; must then go on with what it began
     */
    public <T> Answer<T> once(
            String operation,
            @Nullable String key,
            Object request,
            Class<T> type,
            Supplier<String> newResourceId,
            Function<String, Answer<T>> work) {
        if (key == null) {
            return work.apply(newResourceId.get());
        }
        String id = operation + " " + key;
        Lock lock = locks[Math.floorMod(id.hashCode(), LOCKS)];
        lock.lock();
        try {
            return onceAlone(id, request, type, newResourceId, work);
        } finally {
            lock.unlock();
        }
    }

    @Scheduled(fixedDelayString = "PT1H", initialDelayString = "PT1M")
    void forgetOld() {
        transactions.run(() -> repository.deleteByCreatedAtBefore(oldest()));
    }

    private <T> Answer<T> onceAlone(
            String id,
            Object request,
            Class<T> type,
            Supplier<String> newResourceId,
            Function<String, Answer<T>> work) {
        String digest = digest(json.write(request));
        IdempotencyKeyEntity known = transactions.call(() -> begun(id, digest, newResourceId));
        if (!known.bodyDigest().equals(digest)) {
            throw ProblemCode.IDEMPOTENCY_KEY_REUSED.exception(
                    "The Idempotency-Key was used before with another body.",
                    "another body",
                    "the same body, or a new key");
        }
        if (known.answer() != null) {
            return new Answer<>(
                    Objects.requireNonNull(known.status()),
                    Objects.requireNonNull(known.location()),
                    json.read(known.answer(), type));
        }
        Answer<T> answer = work.apply(known.resourceId());
        String text = json.write(answer.body());
        transactions.run(() ->
                repository.findById(id).ifPresent(entity -> entity.answered(answer.status(), answer.location(), text)));
        return answer;
    }

    private IdempotencyKeyEntity begun(String id, String digest, Supplier<String> newResourceId) {
        IdempotencyKeyEntity known = repository.findById(id).orElse(null);
        if (known != null && known.createdAt().isBefore(oldest())) {
            repository.delete(known);
            repository.flush();
            known = null;
        }
        return known != null
                ? known
                : repository.save(new IdempotencyKeyEntity(id, digest, newResourceId.get(), clock.instant()));
    }

    private Instant oldest() {
        return clock.instant().minus(properties.idempotencyKeyLife());
    }

    private static String digest(String text) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
