package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.engine.support.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the fastest accelerator that really runs a guest, by running one. Stateless; blocks its caller for seconds.
 *
 * <p>Looking at /dev/kvm is not enough: inside some virtual machines it opens, it creates a machine, and an ordinary
 * guest never executes. Nor is it enough to run a few instructions in real mode, which the kernel may interpret by
 * itself: there the first instructions of a BIOS run and a kernel does not. So the guest here does what every kernel
 * does: it switches on paging and long mode, and then computes something in memory for a million rounds.
 */
final class AcceleratorProbe {
    private static final Logger log = LoggerFactory.getLogger(AcceleratorProbe.class);

    private static final int ROM_BYTES = 64 << 10;

    /** Where the program lies; the processor starts 16 bytes before the end of the ROM, with a jump to it. */
    private static final int PROGRAM_OFFSET = 0xff00;

    /** Opening KVM and making a VM takes a little longer than emulation's start. */
    private static final Duration START_UP_DIFFERENCE = Duration.ofMillis(250);

    private static final int RESET_VECTOR = 0xfff0;

    private static final String JUMP_TO_PROGRAM = "e90dff";

    /** QEMU's isa-debug-exit turns the value 0x2a that the program gives it into the exit code 2 * 0x2a + 1. */
    private static final int EXPECTED_EXIT_CODE = 85;

    /** src/main/probe/probe.S, assembled as it says. */
    private static final String PROGRAM = """
            fa2e660f0116c8ff0f20c00c010f22c066ea18ffffff080066b810008ed8c705
            0010000003200000c7050020000003300000c7051820000003400000c7050030
            000083000000c705f84f00008300e0ffb8001000000f22d80f20e00c200f22e0
            b9800000c00f3280cc010f300f20c00d000000800f22c0ea7effffff180031c0
            b940420f0001c889042500500000e2f53d20295a6a7507b02a66baf400eef4eb
            fd0f1f80000000000000000000000000ffff0000009bcf00ffff00000093cf00
            ffff0000009baf001f00a8ffffff
            """;

    private final QemuSettings settings;
    private final ToolFolder folder;
    private final Duration deadline;
    private final Ticker ticker;

    /**
     * @param deadline for emulation; it takes some hundred milliseconds, on a busy host seconds
     */
    AcceleratorProbe(QemuSettings settings, Duration deadline, Ticker ticker) {
        this.ticker = ticker;
        this.settings = settings;
        this.folder = new ToolFolder(settings);
        this.deadline = deadline;
    }

    /**
     * Emulation goes first and sets the measure: what is slower than emulation is of no use, however correct. On hosts that
     * only pretend to have KVM it took 2.7 to 4.5 s where TCG took 0.2 s.
     *
     * @throws HypervisorException START_FAILED, with what QEMU said for each of them
     */
    Accelerator find() throws HypervisorException {
        try {
            Path rom = writeRom();
            try {
                long begin = ticker.nanos();
                String emulation = failure(Accelerator.TCG, rom, deadline);
                Duration measure = emulation.isEmpty() ? Duration.ofNanos(ticker.nanos() - begin) : deadline;
                String hardware = failure(Accelerator.KVM, rom, measure.plus(START_UP_DIFFERENCE));
                if (hardware.isEmpty()) {
                    return Accelerator.KVM;
                }
                log.info("KVM does not run guests here, or slower than emulation: {}", hardware);
                if (emulation.isEmpty()) {
                    return Accelerator.TCG;
                }
                throw new HypervisorException(
                        Code.START_FAILED,
                        "no accelerator runs a guest here; KVM: " + hardware + "; TCG: " + emulation);
            } finally {
                Files.deleteIfExists(rom);
            }
        } catch (IOException e) {
            throw new HypervisorException(Code.START_FAILED, "the accelerators could not be tried: " + e, e);
        }
    }

    /** @return empty where it runs the program in time */
    private String failure(Accelerator accelerator, Path rom, Duration patience) {
        try {
            Tool.Ending ending = Tool.run(command(accelerator, rom), folder, patience);
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
                "isa-debug-exit,iobase=0xf4,iosize=4");
    }

    private Path writeRom() throws IOException {
        byte[] rom = new byte[ROM_BYTES];
        put(rom, PROGRAM_OFFSET, PROGRAM.replaceAll("\\s", ""));
        put(rom, RESET_VECTOR, JUMP_TO_PROGRAM);
        return Files.write(folder.newFile(".rom"), rom);
    }

    private static void put(byte[] rom, int offset, String hexadecimal) {
        byte[] bytes = HexFormat.of().parseHex(hexadecimal);
        System.arraycopy(bytes, 0, rom, offset, bytes.length);
    }
}
