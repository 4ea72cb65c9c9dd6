package io.longhaul.engine.ledger;

import java.nio.file.Path;
import java.util.List;

/** The artefacts of one migration on one host. Thread safe. Durable: a returned call has reached the disk. */
public interface Ledger {

    /**
     * Notes an artefact that is about to be made. Idempotent.
     *
     * @throws LedgerException where it cannot be made durable; the artefact must then not be made
     */
    void record(Artefact artefact);

    /** The artefact is gone, or is now owned by the machine itself. Idempotent. */
    void release(Artefact artefact);

    /** What is still there, oldest first. */
    List<Artefact> outstanding();

    /** Something that a migration made. */
    sealed interface Artefact {

        /** A file or a socket's path. */
        record FileArtefact(Path path) implements Artefact {}

        /** A folder that is removed when it is empty. */
        record FolderArtefact(Path path) implements Artefact {}

        /**
         * A process started for the migration, found by its PID file.
         *
         * @param marker a part of its command line, so that a recycled PID is never killed
         */
        record ProcessArtefact(Path pidFile, String marker) implements Artefact {}
    }
}
