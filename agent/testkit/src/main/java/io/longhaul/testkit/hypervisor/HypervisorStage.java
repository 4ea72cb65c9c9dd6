package io.longhaul.testkit.hypervisor;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import io.longhaul.engine.hypervisor.Hypervisor;
import io.longhaul.engine.ledger.Ledger.Artefact.ProcessArtefact;
import java.nio.file.Path;

/**
 * Two hosts and a guest that works at the source: writes its disk and its memory without pause. One for each test. Its
 * methods are called on the test's thread.
 */
public interface HypervisorStage {

    /** Where the guest is meant. */
    enum Side {
        SOURCE,
        DESTINATION
    }

    Hypervisor hypervisor(Side side);

    /** The same guest, with each side's own files. It has one disk or more. */
    GuestDefinition definition(Side side);

    /** Returns when the guest has written its disk some more at this side; fails where it does not within seconds. */
    void awaitProgress(Side side) throws Exception;

    /** Whether the guest's processors run at this side. */
    boolean runs(Side side) throws Exception;

    /** Fails where the guest has found its memory or its disk damaged. */
    void requireHealthy(Side side) throws Exception;

    /** Ends the hypervisor's process as a crash would. */
    void kill(Side side) throws Exception;

    boolean isAlive(ProcessArtefact process);

    boolean exists(Path file);

    /** Makes a file that is none of the migration's. */
    void putForeignFile(Path file) throws Exception;

    /**
     * Puts a copy of the guest's first disk at the destination as it is at some moment from now on, but for some of it, which
     * is overwritten.
     */
    void putSeed(Path file, DiskFormat format) throws Exception;

    /** Ends and removes everything. */
    void close() throws Exception;
}
