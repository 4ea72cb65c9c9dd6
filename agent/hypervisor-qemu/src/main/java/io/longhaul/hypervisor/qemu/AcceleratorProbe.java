package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the fastest accelerator that really runs a guest, by running a few instructions of one. Stateless; blocks its
 * caller for seconds. Looking at /dev/kvm is not enough: inside some virtual machines it opens, it creates a machine,
 * and the guest never executes.
 */
final class AcceleratorProbe {
    private static final Logger log = LoggerFactory.getLogger(AcceleratorProbe.class);

    private static final int ROM_BYTES = 64 << 10;

    /** The processor starts 16 bytes before the end of the ROM. */
    private static final int RESET_VECTOR = ROM_BYTES - 16;

    private static final int EXIT_PORT = 0xf4;
    private static final int EXIT_VALUE = 0x2a;

    /** QEMU's isa-debug-exit turns a value v into the exit code 2v + 1. */
    private static final int EXPECTED_EXIT_CODE = 2 * EXIT_VALUE + 1;

    /** mov dx, port; mov al, value; out dx, al; hlt; and back to hlt. */
    private static final int[] PROGRAM = {
        0xba, EXIT_PORT & 0xff, EXIT_PORT >> 8, 0xb0, EXIT_VALUE, 0xee, 0xf4, 0xeb, 0xfd
    };

    private final QemuSettings settings;
    private final Duration deadline;

    /**
     * @param deadline for each accelerator; where one works, it takes some hundred milliseconds
     */
    AcceleratorProbe(QemuSettings settings, Duration deadline) {
        this.settings = settings;
        this.deadline = deadline;
    }

    /**
     * @throws HypervisorException START_FAILED, with what QEMU said for each of them
     */
    Accelerator find() throws HypervisorException {
        List<String> failures = new ArrayList<>();
        try {
            Path rom = writeRom();
            try {
                for (Accelerator accelerator : Accelerator.values()) {
                    String failure = failure(accelerator, rom);
                    if (failure.isEmpty()) {
                        return accelerator;
                    }
                    log.info("{} does not run guests here: {}", accelerator, failure);
                    failures.add(accelerator + ": " + failure);
                }
            } finally {
                Files.deleteIfExists(rom);
            }
        } catch (IOException e) {
            throw new HypervisorException(Code.START_FAILED, "the accelerators could not be tried: " + e, e);
        }
        throw new HypervisorException(Code.START_FAILED, "no accelerator runs a guest here; " + failures);
    }

    private String failure(Accelerator accelerator, Path rom) {
        try {
            Tool.Ending ending = Tool.run(command(accelerator, rom), deadline);
            return ending.exitCode() == EXPECTED_EXIT_CODE
                    ? ""
                    : "exit code " + ending.exitCode() + ", expected " + EXPECTED_EXIT_CODE + ": " + ending.output();
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private List<String> command(Accelerator accelerator, Path rom) {
        return List.of(
                settings.emulator().toString(),
                "-nodefaults",
                "-no-user-config",
                "-display",
                "none",
                "-machine",
                "pc,accel=" + accelerator.option(),
                "-m",
                "16",
                "-bios",
                rom.toString(),
                "-device",
                "isa-debug-exit,iobase=" + EXIT_PORT + ",iosize=4");
    }

    private static Path writeRom() throws IOException {
        byte[] rom = new byte[ROM_BYTES];
        for (int index = 0; index < PROGRAM.length; index++) {
            rom[RESET_VECTOR + index] = (byte) PROGRAM[index];
        }
        return Files.write(Files.createTempFile("longhaul-probe-", ".rom"), rom);
    }
}
