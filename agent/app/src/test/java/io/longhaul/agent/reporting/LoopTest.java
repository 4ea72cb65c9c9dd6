package io.longhaul.agent.reporting;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class LoopTest {

    @Test
    void goesOnWhateverAStepFailedOf() throws InterruptedException {
        Semaphore steps = new Semaphore(0);
        AtomicBoolean failed = new AtomicBoolean();
        Loop loop = new Loop(() -> {
            steps.release();
            if (failed.compareAndSet(false, true)) {
                throw new OutOfMemoryError("planned");
            }
            return Duration.ofHours(1);
        });
        loop.start(Executors.defaultThreadFactory());
        try {
            assertThat(steps.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
            loop.wake();
            assertThat(steps.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            loop.close();
        }
    }
}
