package io.longhaul.engine.session;

/**
 * Why a side ended, or is ending, without being asked to.
 *
 * @param code stable; its title and the general advice are in the API's catalogue of problems
 * @param detail this case in a sentence
 * @param seen what was observed
 * @param expected what would have been right
 * @param nativeWords the words of the program below; may be empty
 */
public record SideProblem(Code code, String detail, String seen, String expected, String nativeWords) {

    /** Names are part of the API. */
    public enum Code {
        GUEST_DIED,
        HYPERVISOR_FAILED,
        DESTINATION_DISK_FULL,
        DESTINATION_DISK_FAILED,
        DESTINATION_HYPERVISOR_FAILED,
        SOURCE_DISK_FAILED,
        LINK_LOST,
        PEER_ABORTED,
        PEER_REJECTED,
        AGENT_RESTARTED,
        HANDOVER_TIMED_OUT,
        LEDGER_FAILED,
        INTERNAL_ERROR
    }
}
