package io.longhaul.agent.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.agent.fakes.ScriptedEngine;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the agent does about its rehearsal; what happens in one is the engine's matter. */
class StartRehearsalTest {
    private final AtomicInteger made = new AtomicInteger();
    private final StartRehearsal rehearsal = new StartRehearsal(Optional.of(() -> {
        made.incrementAndGet();
        throw new GeneralSecurityException("no keys today");
    }));

    @Test
    void oneThatFailsIsOnlyLogged() throws InterruptedException {
        List<Thread> threads = start(rehearsal);
        assertThat(threads).hasSize(1);
        threads.get(0).join();
        assertThat(made).hasValue(1);
        rehearsal.end();
    }

    @Test
    void whereNoneIsWantedNoThreadIsMade() throws InterruptedException {
        assertThat(start(new StartRehearsal(Optional.empty()))).isEmpty();
    }

    @Test
    void anEngineThatIsClosedEndsItForGood() throws InterruptedException {
        new RehearsedEngine(new ScriptedEngine(), rehearsal).close();
        assertThat(start(rehearsal)).isEmpty();
        assertThat(made).hasValue(0);
    }

    private static List<Thread> start(StartRehearsal rehearsal) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        rehearsal.start(work -> {
            Thread thread = new Thread(work);
            threads.add(thread);
            return thread;
        });
        for (Thread thread : threads) {
            thread.join();
        }
        return threads;
    }
}
