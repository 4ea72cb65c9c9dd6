package io.longhaul.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.hypervisor.DestinationGuest;
import io.longhaul.engine.hypervisor.DiskSeeds;
import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import io.longhaul.engine.hypervisor.SourceGuest;
import io.longhaul.engine.hypervisor.SourceGuest.MemorySettings;
import io.longhaul.engine.memory.MemoryCounters;
import io.longhaul.engine.memory.MemoryPorts;
import io.longhaul.engine.memory.MemoryReceiver;
import io.longhaul.engine.memory.MemorySender;
import io.longhaul.engine.memory.MemorySenderSettings;
import io.longhaul.engine.support.Ticker;
import io.longhaul.testkit.hypervisor.HypervisorStage.Side;
import io.longhaul.testkit.hypervisor.RecordedEvents;
import io.longhaul.testkit.hypervisor.RecordedEvents.Kind;
import io.longhaul.testkit.hypervisor.RecordedLedger;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The stream of a real QEMU through both sides of the memory, into a real QEMU. */
@Tag("qemu")
class QemuMemoryPagesTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    /** Slow enough, for a guest that writes 16 MiB without pause, that there are several rounds. */
    private static final MemorySettings SLOWLY = new MemorySettings(20 << 20, 0, Duration.ofMillis(500));

    private static final long WINDOW_BYTES = 4 << 20;
    private static final long BUDGET_BYTES = 32 << 20;

    @Test
    void aRealStreamIsUnderstoodPageByPageAndAnotherQemuLoadsWhatIsMadeOfIt() throws Exception {
        QemuStage stage = QemuStage.open(DiskFormat.RAW);
        RecordedEvents sourceEvents = new RecordedEvents();
        RecordedEvents destinationEvents = new RecordedEvents();
        try (SourceGuest source = stage.hypervisor(Side.SOURCE)
                        .openSource(stage.definition(Side.SOURCE), new RecordedLedger(), sourceEvents);
                DestinationGuest destination = stage.hypervisor(Side.DESTINATION)
                        .openDestination(
                                stage.definition(Side.DESTINATION),
                                DiskSeeds.NONE,
                                new RecordedLedger(),
                                destinationEvents)) {
            MemoryReceiver receiver = new MemoryReceiver();
            MemorySender sender = new MemorySender(
                    new DirectStream(WINDOW_BYTES, receiver),
                    MemorySenderSettings.withBuffer(Long.MAX_VALUE),
                    MemoryPorts.plain(Ticker.system()).withBudget(() -> BUDGET_BYTES));
            receiver.answerOn(new DirectStream(WINDOW_BYTES, sender));
            WritableByteChannel incoming = destination.acceptMemory();
            FutureTask<Boolean> loaded = start(() -> {
                receiver.pump(incoming);
                return true;
            });
            ReadableByteChannel outgoing = source.startMemory(SLOWLY);
            FutureTask<Long> sent = start(() -> sender.pump(outgoing));
            sourceEvents.await(Kind.SWITCHOVER_READY, DEADLINE);
            source.continueSwitchover();
            sourceEvents.await(Kind.MEMORY_SENT, DEADLINE);
            assertThat(sent.get(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(receiver.receivedFrames());
            assertThat(loaded.get(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            destinationEvents.await(Kind.MEMORY_LOADED, DEADLINE);
            MemoryCounters counters = sender.counters();
            System.out.println(counters);
            assertThat(destinationEvents.count(Kind.MEMORY_FAILED)).isZero();
            assertThat(counters.opaqueReason()).isEmpty();
            assertThat(counters.pagesRead()).isGreaterThan((192L << 20) / 4096);
            assertThat(counters.zeroPages()).isPositive();
            assertThat(counters.rounds()).isGreaterThan(1);
            assertThat(sender.heldBackBytes()).isZero();
            source.takeBack();
        } finally {
            stage.close();
        }
    }

    private static <T> FutureTask<T> start(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        QemuStage.thread(task).start();
        return task;
    }
}
