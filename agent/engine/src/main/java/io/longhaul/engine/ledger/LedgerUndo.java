package io.longhaul.engine.ledger;

import io.longhaul.engine.ledger.Ledger.Artefact;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes what is in a ledger, newest first, and nothing else. Blocks while processes end. */
public final class LedgerUndo {
    private static final Logger log = LoggerFactory.getLogger(LedgerUndo.class);

    /** A killed hypervisor with a large guest takes a while to give its memory back. */
    private static final Duration PROCESS_END = Duration.ofSeconds(20);

    private LedgerUndo() {}

    /**
     * Idempotent.
     *
     * @return what could not be removed and is still in the ledger
     */
    public static List<Artefact> undo(Ledger ledger) {
        List<Artefact> artefacts = ledger.outstanding();
        for (int index = artefacts.size() - 1; index >= 0; index--) {
            Artefact artefact = artefacts.get(index);
            if (removed(artefact)) {
                ledger.release(artefact);
            }
        }
        return ledger.outstanding();
    }

    private static boolean removed(Artefact artefact) {
        try {
            if (artefact instanceof Artefact.ProcessArtefact process) {
                return ended(process);
            }
            if (artefact instanceof Artefact.FolderArtefact folder) {
                return emptied(folder.path());
            }
            Files.deleteIfExists(((Artefact.FileArtefact) artefact).path());
            return true;
        } catch (IOException e) {
            log.warn(
                    "Not removed, will be tried again at the next start of the agent: {} ({})", artefact, e.toString());
            return false;
        }
    }

    /** A folder that holds something of somebody else's stays, and is no longer the migration's. */
    private static boolean emptied(Path folder) throws IOException {
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException e) {
            log.info("Left alone, not empty: {}", folder);
        }
        return true;
    }

    private static boolean ended(Artefact.ProcessArtefact artefact) throws IOException {
        Optional<ProcessHandle> process = find(artefact);
        if (process.isPresent()) {
            process.get().destroyForcibly();
            try {
                process.get().onExit().get(PROCESS_END.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(
                        "Interrupted while process " + process.get().pid() + " ended", e);
            } catch (ExecutionException | TimeoutException e) {
                throw new IOException("Process " + process.get().pid() + " did not end", e);
            }
        }
        Files.deleteIfExists(artefact.pidFile());
        return true;
    }

    /** The process of a PID file, only where its command line shows that the PID was not given to another since. */
    private static Optional<ProcessHandle> find(Artefact.ProcessArtefact artefact) throws IOException {
        if (Files.notExists(artefact.pidFile())) {
            return Optional.empty();
        }
        String text = Files.readString(artefact.pidFile()).strip();
        if (!text.matches("[0-9]{1,10}")) {
            return Optional.empty();
        }
        Path commandLine = Path.of("/proc", text, "cmdline");
        boolean ours =
                Files.exists(commandLine) && Files.readString(commandLine).contains(artefact.marker());
        return ours ? ProcessHandle.of(Long.parseLong(text)) : Optional.empty();
    }
}
