package io.longhaul.engine.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.engine.ledger.Ledger.Artefact;
import io.longhaul.engine.ledger.Ledger.Artefact.FileArtefact;
import io.longhaul.engine.ledger.Ledger.Artefact.FolderArtefact;
import io.longhaul.engine.ledger.Ledger.Artefact.ProcessArtefact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    @TempDir
    Path folder;

    @Test
    void remembersWhatIsOutstandingAcrossARestart() {
        Path file = folder.resolve("m.ledger");
        FileLedger ledger = new FileLedger(file);
        Artefact odd = new FileArtefact(folder.resolve("a file, with spaces\nand a line break"));
        Artefact process = new ProcessArtefact(folder.resolve("q.pid"), "-uuid 1 2");
        ledger.record(odd);
        ledger.record(process);
        ledger.record(new FolderArtefact(folder.resolve("gone")));
        ledger.release(new FolderArtefact(folder.resolve("gone")));

        assertThat(new FileLedger(file).outstanding()).containsExactly(odd, process);
    }

    @Test
    void undoRemovesExactlyWhatIsInTheLedger() throws IOException {
        FileLedger ledger = new FileLedger(folder.resolve("m.ledger"));
        Path made = folder.resolve("sub");
        Path file = made.resolve("disk");
        ledger.record(new FolderArtefact(made));
        Files.createDirectory(made);
        ledger.record(new FileArtefact(file));
        Files.writeString(file, "x");
        Path foreign = Files.writeString(folder.resolve("foreign"), "somebody else's");

        assertThat(LedgerUndo.undo(ledger)).isEmpty();
        assertThat(made).doesNotExist();
        assertThat(foreign).exists();
        assertThat(LedgerUndo.undo(ledger)).as("a second time").isEmpty();
    }

    @Test
    void undoLeavesAFolderThatHoldsSomethingOfSomebodyElse() throws IOException {
        FileLedger ledger = new FileLedger(folder.resolve("m.ledger"));
        Path made = Files.createDirectory(folder.resolve("sub"));
        ledger.record(new FolderArtefact(made));
        Files.writeString(made.resolve("foreign"), "x");

        assertThat(LedgerUndo.undo(ledger)).isEmpty();
        assertThat(made.resolve("foreign")).exists();
    }

    @Test
    void undoEndsAProcessOfTheLedgerButNotAnotherUnderItsPid() throws IOException, InterruptedException {
        Process child = new ProcessBuilder("sleep", "600").start();
        try {
            Path pidFile = Files.writeString(folder.resolve("p.pid"), child.pid() + "\n");
            FileLedger recycled = new FileLedger(folder.resolve("recycled.ledger"));
            recycled.record(new ProcessArtefact(pidFile, "qemu-of-a-guest-long-gone"));
            assertThat(LedgerUndo.undo(recycled)).isEmpty();
            assertThat(child.isAlive()).isTrue();

            Files.writeString(pidFile, child.pid() + "\n");
            FileLedger own = new FileLedger(folder.resolve("own.ledger"));
            own.record(new ProcessArtefact(pidFile, "600"));
            assertThat(LedgerUndo.undo(own)).isEmpty();
            assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(pidFile).doesNotExist();
        } finally {
            child.destroyForcibly();
        }
    }
}
