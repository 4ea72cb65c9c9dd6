package io.longhaul.agent.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.session.GuestWatch.Ticks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SerialLogWatchTest {
    @TempDir
    Path folder;

    private final AtomicLong wallMillis = new AtomicLong(1_000_000);
    private Path log = Path.of("unset");

    @BeforeEach
    void newLog() {
        log = folder.resolve("guest.log");
    }

    @Test
    void keepsTheLastTwoSecondsAtTheSource() {
        TickArrivals arrivals = new TickArrivals(false);
        arrivals.arrived(0);
        arrivals.arrived(1_500);
        for (long at = 1_510; at <= 4_000; at += 10) {
            arrivals.arrived(at);
        }
        arrivals.arrived(4_060);
        assertThat(arrivals.ticks().longestGapMillis()).isEqualTo(60);
        assertThat(arrivals.ticks().lastArrivalMillis()).hasValue(4_060);
    }

    @Test
    void keepsTheFirstTwoSecondsAtTheDestination() {
        TickArrivals arrivals = new TickArrivals(true);
        arrivals.arrived(100);
        arrivals.arrived(180);
        for (long at = 190; at <= 3_000; at += 10) {
            arrivals.arrived(at);
        }
        arrivals.arrived(9_000);
        assertThat(arrivals.ticks().firstArrivalMillis()).hasValue(100);
        assertThat(arrivals.ticks().lastArrivalMillis()).hasValue(9_000);
        assertThat(arrivals.ticks().longestGapMillis()).isEqualTo(80);
    }

    @Test
    void notesWhenATickArrives() throws IOException, InterruptedException {
        write("LONGHAUL tick 1 0.010000\n");
        CountDownLatch asked = new CountDownLatch(1);
        try (SerialLogWatch watch = watch(asked)) {
            watch.watchTicks();
            assertThat(watch.ticks())
                    .map(Ticks::lastArrivalMillis)
                    .hasValueSatisfying(last -> assertThat(last).isEmpty());
            wallMillis.set(1_000_500);
            write("LONGHAUL tick 2 0.020000\n");
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
            await(() -> watch.ticks().orElseThrow().lastArrivalMillis().isPresent());
            assertThat(watch.ticks().orElseThrow().lastArrivalMillis()).hasValue(1_000_500);
        }
    }

    @Test
    void waitsForACheckThatBeganAfterTheCall() throws IOException, InterruptedException, ExecutionException {
        write("LONGHAUL check 1 ok pages=1 blocks=1\nLONGHAUL check 2 begin\n");
        assertThat(outcomeOf("LONGHAUL check 2 ok pages=1 blocks=1\nLONGHAUL check 3 begin\n"
                        + "LONGHAUL check 3 ok pages=1 blocks=1\n"))
                .hasValue(true);
        SerialLogWatch.CheckOutcome outcome = new SerialLogWatch.CheckOutcome();
        GuestLine.parse("LONGHAUL check 2 ok pages=1 blocks=1").ifPresent(outcome::take);
        assertThat(outcome.passed()).isEmpty();
    }

    @Test
    void aFailureCountsAlsoInACheckBegunBefore() throws IOException, InterruptedException, ExecutionException {
        write("LONGHAUL check 2 begin\n");
        assertThat(outcomeOf("LONGHAUL check 2 FAILED page 7 checksum expected=1 seen=2\n"))
                .hasValue(false);
    }

    @Test
    void givesUpWhenTheTimeIsOver() throws InterruptedException {
        try (SerialLogWatch watch = watch(new CountDownLatch(0))) {
            assertThat(watch.awaitCheck(Duration.ofMillis(1))).isEmpty();
        }
    }

    /** Writes until the waiting call has seen it: it may begin to wait before or after the first write. */
    private Optional<Boolean> outcomeOf(String text) throws IOException, InterruptedException, ExecutionException {
        try (SerialLogWatch watch = watch(new CountDownLatch(0))) {
            CompletableFuture<Optional<Boolean>> outcome = new CompletableFuture<>();
            Thread waiting = new Thread(() -> {
                try {
                    outcome.complete(watch.awaitCheck(Duration.ofSeconds(10)));
                } catch (InterruptedException e) {
                    outcome.completeExceptionally(e);
                }
            });
            waiting.start();
            while (!outcome.isDone()) {
                write(text);
                waiting.join(5);
            }
            return outcome.get();
        }
    }

    private SerialLogWatch watch(CountDownLatch asked) {
        return new SerialLogWatch(
                log,
                () -> {
                    asked.countDown();
                    return wallMillis.get();
                },
                System::nanoTime,
                Thread::new);
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private void write(String text) throws IOException {
        Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
