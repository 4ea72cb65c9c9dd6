package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.engine.ledger.Ledger;
import io.longhaul.engine.ledger.Ledger.Artefact.FileArtefact;
import io.longhaul.engine.ledger.LedgerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Notes files in the ledger before they are made and after they are gone. Thread safe as its ledger is. */
final class LedgerFiles {
    private final Ledger ledger;

    LedgerFiles(Ledger ledger) {
        this.ledger = ledger;
    }

    void record(Path file) throws HypervisorException {
        record(new FileArtefact(file));
    }

    void record(Ledger.Artefact artefact) throws HypervisorException {
        try {
            ledger.record(artefact);
        } catch (LedgerException e) {
            throw new HypervisorException(
                    QemuErrors.codeOf(String.valueOf(e.getMessage()), Code.COMMAND_FAILED),
                    "the ledger could not be written, so nothing was made: " + e.getMessage(),
                    e);
        }
    }

    /** Notes a socket's path and removes what an earlier use has left there. */
    void prepare(Path socket) throws HypervisorException {
        record(socket);
        delete(socket);
    }

    void release(Ledger.Artefact artefact) throws HypervisorException {
        try {
            ledger.release(artefact);
        } catch (LedgerException e) {
            throw new HypervisorException(Code.COMMAND_FAILED, "the ledger could not be written", e);
        }
    }

    void release(Path file) throws HypervisorException {
        release(new FileArtefact(file));
    }

    /** Removes the file and then its entry. Idempotent. */
    void remove(Path file) throws HypervisorException {
        delete(file);
        release(file);
    }

    private static void delete(Path file) throws HypervisorException {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new HypervisorException(Code.COMMAND_FAILED, "cannot remove " + file, e);
        }
    }
}
