package io.longhaul.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestEvents;
import io.longhaul.engine.hypervisor.HypervisorException;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QemuEndTest {
    private static final String CLOSED = "QEMU closed it";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it first
    private Path folder;

    @Test
    void oneThatSaidNothingWasKilledOrCrashedAndTheKernelKnows() {
        assertThat(QemuEnd.words("", CLOSED, List.of()))
                .contains("SIGKILL")
                .contains("crashes")
                .contains("journalctl -k")
                .contains("exit status is not known")
                .contains(CLOSED);
    }

    @Test
    void whatItSaidItselfIsTold() {
        assertThat(QemuEnd.words("guest-panic", CLOSED, List.of())).isEqualTo("QEMU ended: guest-panic");
        assertThat(QemuEnd.words("host-signal", CLOSED, List.of())).contains("SIGTERM");
    }

    @Test
    void theLogsThatHoldAnythingAreNamed() throws IOException, HypervisorException {
        GuestDefinition guest = guest();
        GuestPaths paths = GuestPaths.of(QemuSettings.defaults(folder), guest.id());
        Files.createFile(paths.startLog());
        assertThat(QemuEnd.logs(paths, guest)).isEmpty();
        Path console = Files.writeString(guest.serialLog().orElseThrow(), "Kernel panic");
        assertThat(QemuEnd.logs(paths, guest)).containsExactly(console);
        assertThat(QemuEnd.words("", CLOSED, List.of(console))).endsWith("more may stand in " + console);
    }

    @Test
    void whoWatchesAMoveHearsOfTheLogs() {
        List<Object> told = new ArrayList<>();
        GuestEvents events = (GuestEvents) Proxy.newProxyInstance(
                QemuEndTest.class.getClassLoader(), new Class<?>[] {GuestEvents.class}, (proxy, event, words) -> {
                    told.add(words[0]);
                    return null;
                });
        Path console = folder.resolve("console.log");
        new MemoryEvents(events, new EventSignal(), () -> {}, event -> {}, () -> List.of(console)).disconnected(CLOSED);
        assertThat(told).singleElement().asString().contains("SIGKILL").contains(console.toString());
    }

    private GuestDefinition guest() {
        return SmallGuest.of(List.of(), Optional.of(folder.resolve("console.log")));
    }
}
