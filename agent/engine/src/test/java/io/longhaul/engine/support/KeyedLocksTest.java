package io.longhaul.engine.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class KeyedLocksTest {
    private final KeyedLocks<String> keyed = new KeyedLocks<>();

    @Test
    void aLockThatNobodyUsesIsGone() {
        assertThatThrownBy(() -> keyed.with("a", () -> keyed.with("a", KeyedLocksTest::fail)))
                .isInstanceOf(IllegalStateException.class);
        assertThat(keyed.size()).isZero();
    }

    @Test
    void whoeverWaitsTooLongDoesNotBeginAndLeavesNoTrace() throws InterruptedException, TimeoutException {
        String outcome = keyed.with(
                "a",
                () -> CompletableFuture.supplyAsync(this::tryBriefly)
                        .orTimeout(10, TimeUnit.SECONDS)
                        .join());
        assertThat(outcome).isEqualTo("too long");
        assertThat(keyed.with("a", Duration.ofSeconds(10), () -> "free")).isEqualTo("free");
        assertThat(keyed.size()).isZero();
    }

    private String tryBriefly() {
        try {
            return keyed.with("a", Duration.ofMillis(1), () -> "both at once");
        } catch (TimeoutException e) {
            return "too long";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    private static String fail() {
        throw new IllegalStateException("planned");
    }
}
