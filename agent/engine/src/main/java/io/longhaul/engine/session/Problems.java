package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.session.SideProblem.Code;
import io.longhaul.engine.storage.StorageException;
import io.longhaul.engine.transport.Link.LinkEnd;
import io.longhaul.engine.transport.PeerViolationException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Puts what went wrong into words. Pure. */
final class Problems {
    private static final String NOTHING_NATIVE = "";
    private static final String PROCESS_ENDED = "a hypervisor's process that has ended";

    private Problems() {}

    static SideProblem agentRestarted() {
        return new SideProblem(
                Code.AGENT_RESTARTED,
                "The agent was restarted while the migration was under way",
                "a journal of a side under way, without its process",
                "an agent that runs until the migration has ended",
                NOTHING_NATIVE);
    }

    static SideProblem agentStopped() {
        return new SideProblem(
                Code.AGENT_RESTARTED,
                "The agent was stopped while the migration was under way",
                "an agent that was asked to stop",
                "an agent that runs until the migration has ended",
                NOTHING_NATIVE);
    }

    static SideProblem sourceNeverCame(Duration deadline) {
        return new SideProblem(
                Code.LINK_LOST,
                "The source's agent did not connect",
                "no link " + deadline.toSeconds() + " s after the destination was ready",
                "a link within " + deadline.toSeconds() + " s",
                NOTHING_NATIVE);
    }

    static SideProblem askedToAbort() {
        return new SideProblem(
                Code.PEER_ABORTED,
                "The other side was asked to end the migration",
                "a request to abort",
                "no such request",
                NOTHING_NATIVE);
    }

    static SideProblem refusedAfterGrant() {
        return new SideProblem(
                Code.PEER_ABORTED,
                "The destination refused the machine",
                "REFUSED in the destination's journal",
                "TAKEN",
                NOTHING_NATIVE);
    }

    static SideProblem linkEnded(LinkEnd end) {
        if (end.closed()) {
            return new SideProblem(
                    Code.PEER_ABORTED,
                    "The other agent ended the migration",
                    end.reason(),
                    "a link that stays until the hand-over",
                    NOTHING_NATIVE);
        }
        return new SideProblem(
                Code.LINK_LOST,
                "The link to the other agent was lost",
                end.reason(),
                "a link that stays until the hand-over",
                NOTHING_NATIVE);
    }

    static SideProblem linkFailed(Exception cause) {
        return new SideProblem(
                Code.LINK_LOST,
                "The link to the other agent could not be used",
                String.valueOf(cause.getMessage()),
                "a link that stays until the hand-over",
                NOTHING_NATIVE);
    }

    static SideProblem peerSentWhatCannotBe(PeerViolationException violation) {
        return new SideProblem(
                Code.PEER_REJECTED,
                "The other agent sent something that is not of the protocol",
                violation.seen(),
                violation.expected(),
                NOTHING_NATIVE);
    }

    /** What was sent by the peer, or what is behind it; null where the peer has nothing to do with it. */
    private static @Nullable PeerViolationException violationBehind(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof PeerViolationException violation) {
                return violation;
            }
        }
        return null;
    }

    static SideProblem sourceHypervisor(HypervisorException cause) {
        return hypervisor(cause, Code.HYPERVISOR_FAILED, "source");
    }

    static SideProblem destinationHypervisor(HypervisorException cause) {
        return switch (cause.code()) {
            case NO_SPACE -> diskFull("a disk of the machine", String.valueOf(cause.getMessage()), cause);
            case DISK_FAILED ->
                new SideProblem(
                        Code.DESTINATION_DISK_FAILED,
                        "A disk failed at the destination",
                        String.valueOf(cause.getMessage()),
                        "a disk that takes every write",
                        String.valueOf(cause.getMessage()));
            case GUEST_GONE, START_FAILED, COMMAND_FAILED, TIMED_OUT ->
                hypervisor(cause, Code.DESTINATION_HYPERVISOR_FAILED, "destination");
        };
    }

    /** @param room where the disk is and how much is free there, for people; used where there is none left */
    static SideProblem destinationDisk(String disk, String room, StorageException cause) {
        PeerViolationException violation = violationBehind(cause);
        if (violation != null) {
            return peerSentWhatCannotBe(violation);
        }
        return switch (cause.code()) {
            case NO_SPACE -> diskFull("disk " + disk, room, cause);
            case INTERNAL -> internal(cause);
            case READ_FAILED, WRITE_FAILED, PROTOCOL, LINK_ENDED, STOPPED -> unwritable(disk, cause);
        };
    }

    private static SideProblem unwritable(String disk, StorageException cause) {
        return new SideProblem(
                Code.DESTINATION_DISK_FAILED,
                "Disk " + disk + " cannot be written at the destination",
                String.valueOf(cause.getMessage()),
                "a disk that takes every write",
                words(cause));
    }

    static SideProblem sourceDisk(String disk, StorageException cause) {
        PeerViolationException violation = violationBehind(cause);
        if (violation != null) {
            return peerSentWhatCannotBe(violation);
        }
        if (cause.code() == StorageException.Code.INTERNAL) {
            return internal(cause);
        }
        return new SideProblem(
                Code.SOURCE_DISK_FAILED,
                "Disk " + disk + " cannot be read at the source",
                String.valueOf(cause.getMessage()),
                "a disk that can be read",
                words(cause));
    }

    /** The stream broke here, or what came cannot be. */
    static SideProblem memoryFailed(MigrationSide.Role role, IOException cause) {
        PeerViolationException violation = violationBehind(cause);
        return violation == null ? memoryFailed(role, words(cause)) : peerSentWhatCannotBe(violation);
    }

    static SideProblem memoryFailed(MigrationSide.Role role, String reason) {
        boolean source = role == MigrationSide.Role.SOURCE;
        return new SideProblem(
                source ? Code.HYPERVISOR_FAILED : Code.DESTINATION_HYPERVISOR_FAILED,
                "The memory stream failed at the " + (source ? "source" : "destination"),
                reason,
                "a memory stream that is complete",
                reason);
    }

    static SideProblem mirrorFailed(String disk, String reason) {
        return new SideProblem(
                Code.HYPERVISOR_FAILED,
                "The mirror of disk " + disk + " ended",
                reason,
                "a mirror that runs until the switchover",
                reason);
    }

    static SideProblem guestDied(String reason) {
        return new SideProblem(
                Code.GUEST_DIED,
                "The guest's hypervisor ended during the migration",
                PROCESS_ENDED,
                "a guest that runs until the switchover",
                reason);
    }

    static SideProblem destinationDied(String reason) {
        return new SideProblem(
                Code.DESTINATION_HYPERVISOR_FAILED,
                "The hypervisor that waited for the guest ended",
                PROCESS_ENDED,
                "a hypervisor that runs until the guest has arrived",
                reason);
    }

    static SideProblem diedAfterItWasTaken(String reason) {
        return new SideProblem(
                Code.DESTINATION_HYPERVISOR_FAILED,
                "The machine is at the destination with its whole disk, but its hypervisor ended there; start it again",
                reason,
                "a hypervisor that goes on running",
                reason);
    }

    static SideProblem switchoverTooLong(Duration deadline) {
        return new SideProblem(
                Code.HANDOVER_TIMED_OUT,
                "The last bytes could not be sent in time, so the source took the guest back",
                "no hand-over " + deadline.toSeconds() + " s after the pause",
                "a hand-over within " + deadline.toSeconds() + " s",
                NOTHING_NATIVE);
    }

    static SideProblem loadTooLong(Duration deadline) {
        return new SideProblem(
                Code.HANDOVER_TIMED_OUT,
                "The destination could not apply what it was sent in time, so it refused the guest",
                "not ready " + deadline.toSeconds() + " s after GRANT",
                "ready within " + deadline.toSeconds() + " s",
                NOTHING_NATIVE);
    }

    static SideProblem ledgerFailed(Throwable cause) {
        return new SideProblem(
                Code.LEDGER_FAILED,
                "The agent could not write down what it was about to do",
                String.valueOf(cause.getMessage()),
                "a data folder that can be written",
                words(cause));
    }

    static SideProblem internal(Throwable cause) {
        return new SideProblem(
                Code.INTERNAL_ERROR,
                "The agent met a fault of its own",
                cause.toString(),
                "no such fault; please report it with the agent's log",
                NOTHING_NATIVE);
    }

    private static SideProblem diskFull(String which, String room, Throwable cause) {
        return new SideProblem(
                Code.DESTINATION_DISK_FULL,
                "There is no room left for " + which + " at the destination",
                room,
                "room for every byte of the machine's disks",
                words(cause));
    }

    /** Of the failure that is behind all others: it is nearest to the program that failed. */
    private static String words(Throwable failure) {
        String words = failure.getClass().getSimpleName();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = cause.getMessage();
            words = message == null || message.isBlank() ? words : withWhat(cause, message);
        }
        return words;
    }

    /** What is only a file's name says nothing without the failure's. */
    private static String withWhat(Throwable cause, String message) {
        boolean bare = cause instanceof FileSystemException file && file.getReason() == null;
        return bare ? cause.getClass().getSimpleName() + ": " + message : message;
    }

    private static SideProblem hypervisor(HypervisorException cause, Code code, String where) {
        return new SideProblem(
                cause.code() == HypervisorException.Code.GUEST_GONE && code == Code.HYPERVISOR_FAILED
                        ? Code.GUEST_DIED
                        : code,
                "The hypervisor at the " + where + " failed",
                cause.code() + ": " + cause.getMessage(),
                "a hypervisor that does what it is asked",
                String.valueOf(cause.getMessage()));
    }
}
