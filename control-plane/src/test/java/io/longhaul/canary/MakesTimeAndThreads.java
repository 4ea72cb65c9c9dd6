package io.longhaul.canary;

import java.time.Clock;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.Executors;

/** Makes everything that is to be handed in. */
public final class MakesTimeAndThreads {

    private MakesTimeAndThreads() {}

    static String everything() throws InterruptedException {
        Thread.sleep(1);
        new Thread(() -> {}).start();
        Executors.newCachedThreadPool().shutdown();
        return Clock.systemUTC() + " " + Instant.now() + System.currentTimeMillis() + System.nanoTime()
                + UUID.randomUUID();
    }
}
