package io.longhaul.controlplane.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SerialTaskTest {

    @Test
    void isTriedAgainWhereItCouldNotBeRun() throws InterruptedException {
        CountDownLatch run = new CountDownLatch(1);
        AtomicInteger tries = new AtomicInteger();
        ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
        Executor full = work -> {
            if (tries.incrementAndGet() == 1) {
                throw new OutOfMemoryError("planned");
            }
            work.run();
        };
        try {
            new SerialTask("a task", full, timers, run::countDown).wake();
            assertThat(run.await(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            timers.shutdownNow();
        }
    }

    @Test
    void runsAgainAtItsNextWakeUpWhateverItFailedOf() {
        AtomicInteger runs = new AtomicInteger();
        ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
        try {
            SerialTask task = new SerialTask("a task", Runnable::run, timers, () -> {
                if (runs.incrementAndGet() == 1) {
                    throw new OutOfMemoryError("planned");
                }
            });
            task.wake();
            task.wake();
            assertThat(runs).hasValue(2);
        } finally {
            timers.shutdownNow();
        }
    }
}
