package io.longhaul.testkit.migration;

import static io.longhaul.testkit.hypervisor.HypervisorStage.Side.DESTINATION;
import static io.longhaul.testkit.hypervisor.HypervisorStage.Side.SOURCE;
import static io.longhaul.testkit.migration.MoveOrders.MIGRATION;
import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.hypervisor.GuestEvents;
import io.longhaul.engine.hypervisor.Hypervisor;
import io.longhaul.engine.hypervisor.SourceGuest;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.OrderRefusedException;
import io.longhaul.engine.session.SidePhase;
import io.longhaul.engine.session.SideProblem;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.testkit.hypervisor.FakeStage;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A guest whose hypervisor dies at the source while its memory is copied. */
@Timeout(60)
class SourceDeathTest {

    /** In which the destination would have failed, had it been told that the stream has ended. */
    private static final long LATE_MILLIS = 300;

    @TempDir
    Path folder;

    private final FakeStage stage = new FakeStage();
    private final CountDownLatch destinationEnded = new CountDownLatch(1);

    @AfterEach
    void end() {
        stage.close();
    }

    @Test
    void isWhatBothSidesTellOfAlsoWhereItsEndIsHeardOfLate()
            throws LinkException, OrderRefusedException, InterruptedException {
        Hypervisor dying = Proxies.of(Hypervisor.class, this::callHypervisor);
        try (EngineHost source = new EngineHost(folder.resolve("source"), dying);
                EngineHost destination = new EngineHost(folder.resolve("destination"), stage.hypervisor(DESTINATION))) {
            destination.react(side -> {
                if (side.status().phase() == SidePhase.REFUSED) {
                    destinationEnded.countDown();
                }
            });
            MoveOrders.first(stage).begin(source, destination);
            assertGuestDied(source.await(MIGRATION, SidePhase::terminal));
            assertGuestDied(destination.await(MIGRATION, SidePhase::terminal));
        }
    }

    private static void assertGuestDied(MigrationSide side) {
        assertThat(side.status().phase()).isEqualTo(SidePhase.ABORTED);
        assertThat(side.status().problem())
                .get()
                .extracting(SideProblem::code)
                .as(side.role().toString())
                .isEqualTo(SideProblem.Code.GUEST_DIED);
    }

    private @Nullable Object callHypervisor(Object proxy, Method method, Object[] values) throws Throwable {
        Hypervisor real = stage.hypervisor(SOURCE);
        if (!method.getName().equals("openSource")) {
            return Proxies.call(real, method, values);
        }
        GuestEvents events = (GuestEvents) values[2];
        values[2] = Proxies.of(GuestEvents.class, (unused, event, words) -> tell(events, event, words));
        SourceGuest guest = (SourceGuest) Objects.requireNonNull(Proxies.call(real, method, values));
        return Proxies.of(SourceGuest.class, (unused, asked, arguments) -> callGuest(guest, asked, arguments));
    }

    /** The process is gone as soon as its stream has begun. */
    private @Nullable Object callGuest(SourceGuest guest, Method method, Object[] values) throws Throwable {
        Object answer = Proxies.call(guest, method, values);
        if (method.getName().equals("startMemory")) {
            stage.kill(SOURCE);
        }
        return answer;
    }

    private @Nullable Object tell(GuestEvents events, Method event, Object[] words) throws Throwable {
        if (!event.getName().equals("guestGone")) {
            return Proxies.call(events, event, words);
        }
        Thread late = new Thread(() -> tellLate(events, (String) words[0]));
        late.setDaemon(true);
        late.start();
        return null;
    }

    private void tellLate(GuestEvents events, String reason) {
        try {
            var unused = destinationEnded.await(LATE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        events.guestGone(reason);
    }
}
