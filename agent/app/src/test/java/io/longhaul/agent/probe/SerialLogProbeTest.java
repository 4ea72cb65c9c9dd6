package io.longhaul.agent.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.agent.vms.VmRecord;
import io.longhaul.api.model.GuestProbe;
import io.longhaul.api.model.GuestProbeKind;
import io.longhaul.api.model.GuestProbeState;
import io.longhaul.api.model.VmDefinition;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SerialLogProbeTest {
    @TempDir
    Path folder;

    private final SerialLogProbe probe = new SerialLogProbe();
    private Path log = Path.of("unset");

    @BeforeEach
    void newLog() {
        log = folder.resolve("guest.log");
    }

    @Test
    void waitsUntilAFirstCheckHasEnded() throws IOException {
        assertThat(now().getState()).isEqualTo(GuestProbeState.WAITING);
        write("[    0.5] Linux version\r\nLONGHAUL ready memory=64 disk=32\nLONGHAUL check 1 begin\n");
        assertThat(now().getState()).isEqualTo(GuestProbeState.WAITING);
        write("LONGHAUL tick 1 1.000213\nLONGHAUL check 1 o");
        assertThat(now().getState()).isEqualTo(GuestProbeState.WAITING);
        write("k pages=16384 blocks=512\n");
        assertThat(now().getState()).isEqualTo(GuestProbeState.HEALTHY);
        assertThat(now().getChecksPassed()).isEqualTo(1);
        assertThat(now().getLastCheck()).isEqualTo("LONGHAUL check 1 ok pages=16384 blocks=512");
    }

    @Test
    void aFailedCheckIsNeverForgottenByLaterGoodOnes() throws IOException {
        write("LONGHAUL check 1 begin\nLONGHAUL check 1 FAILED page 7 checksum expected=1 seen=2\n");
        write("LONGHAUL check 1 FAILED failures=1 good pages=16383 blocks=512\n");
        write("LONGHAUL check 2 begin\nLONGHAUL check 2 ok pages=16384 blocks=512\n");
        assertThat(now().getState()).isEqualTo(GuestProbeState.UNHEALTHY);
        assertThat(now().getChecksPassed()).isEqualTo(1);
    }

    @Test
    void aGuestThatStartsAnewIsJudgedAnew() throws IOException {
        write("LONGHAUL check 1 FAILED page 7 checksum expected=1 seen=2\n");
        assertThat(now().getState()).isEqualTo(GuestProbeState.UNHEALTHY);
        Files.writeString(log, "LONGHAUL ready memory=64 disk=32\n");
        assertThat(now().getState()).isEqualTo(GuestProbeState.WAITING);
    }

    @Test
    void findsALineThatFollowsHalfOfAKernelMessage() throws IOException {
        write("[   12.3] usb 1-1: newLONGHAUL check 4 ok pages=1 blocks=1\r\n");
        assertThat(now().getLastCheck()).isEqualTo("LONGHAUL check 4 ok pages=1 blocks=1");
    }

    @Test
    void startsNearTheEndOfAHugeLog() throws IOException {
        write("LONGHAUL check 1 ok pages=1 blocks=1\n");
        try (RandomAccessFile huge = new RandomAccessFile(log.toFile(), "rw")) {
            huge.setLength(8L << 30);
        }
        write("\nLONGHAUL check 2 ok pages=1 blocks=1\n");
        assertThat(now().getChecksPassed()).isEqualTo(1);
        assertThat(now().getLastCheck()).contains("check 2");
    }

    @Test
    void saysNothingOfAGuestWithoutAProbe() throws IOException {
        write("LONGHAUL check 1 ok pages=1 blocks=1\n");
        assertThat(probe.probe(machine(GuestProbeKind.NONE)).getState()).isEqualTo(GuestProbeState.NONE);
    }

    private GuestProbe now() {
        return probe.probe(machine(GuestProbeKind.SERIAL));
    }

    private VmRecord machine(GuestProbeKind kind) {
        VmDefinition definition = new VmDefinition("guest", 1L << 24);
        definition.setGuestProbe(kind);
        return new VmRecord(new UUID(1, 2), 1, null, definition, List.of(), List.of(), log.toString(), true, true);
    }

    private void write(String text) throws IOException {
        Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
