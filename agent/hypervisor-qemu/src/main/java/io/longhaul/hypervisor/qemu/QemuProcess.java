package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.engine.ledger.Ledger.Artefact.ProcessArtefact;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A process that is nobody's child, found by its PID file. Immutable; says how the process stands when it is asked. */
final class QemuProcess {
    /** A large guest takes a while to give its memory back. */
    private static final Duration KILLED = Duration.ofSeconds(20);

    private final Path pidFile;

    QemuProcess(Path pidFile) {
        this.pidFile = pidFile.toAbsolutePath();
    }

    /** The PID file's path stands on its own process's command line, and on no other's. */
    ProcessArtefact artefact() {
        return new ProcessArtefact(pidFile, pidFile.toString());
    }

    boolean isAlive() {
        return handle().isPresent();
    }

    Optional<ProcessHandle> handle() {
        try {
            long pid = Long.parseLong(Files.readString(pidFile).trim());
            String commandLine = Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
            String marker =
                    new String(pidFile.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
            return commandLine.contains(marker)
                    ? ProcessHandle.of(pid).filter(ProcessHandle::isAlive)
                    : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** QEMU ends by this signal as by its monitor's quit, where it still hears. Idempotent. */
    void askToEnd() {
        handle().ifPresent(ProcessHandle::destroy);
    }

    /** Waits for the process's end and kills it where that takes too long. Idempotent. */
    void awaitEnd(Duration grace) throws HypervisorException {
        Optional<ProcessHandle> process = handle();
        if (process.isEmpty() || ended(process.get(), grace)) {
            return;
        }
        end(process.get(), grace);
    }

    /** Idempotent. */
    void kill() throws HypervisorException {
        Optional<ProcessHandle> process = handle();
        if (process.isPresent()) {
            end(process.get(), KILLED);
        }
    }

    private void end(ProcessHandle process, Duration grace) throws HypervisorException {
        process.destroyForcibly();
        if (!ended(process, grace)) {
            throw new HypervisorException(
                    Code.TIMED_OUT,
                    "process " + process.pid() + " (" + pidFile + ") did not end within " + grace + " of being killed");
        }
    }

    private static boolean ended(ProcessHandle process, Duration deadline) throws HypervisorException {
        try {
            process.onExit().get(deadline.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return !process.isAlive();
        } catch (ExecutionException e) {
            throw new HypervisorException(Code.COMMAND_FAILED, "waiting for process " + process.pid(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HypervisorException(Code.TIMED_OUT, "interrupted waiting for process " + process.pid(), e);
        }
    }
}
