package io.longhaul.agent.problems;

/** The problems an agent can tell of. Names are part of the API. */
public enum ProblemCode {
    UNAUTHORIZED(
            401, false, "The request does not come from the control plane", "Send it through the control plane's API."),
    MALFORMED_REQUEST(400, false, "The request is not as the API defines it", "Correct the request."),
    BODY_TOO_LARGE(413, false, "The request's body is too large", "Send less."),
    NO_SUCH_VM(404, false, "No such machine on this host", "Look the machine up; it may be on another host."),
    NO_SUCH_MIGRATION(
            404, false, "No such migration on this host", "Look the migration up; it may have been forgotten."),
    NO_SUCH_BOOT_FILE(404, false, "The machine has no such boot file", "Ask only for the kinds the machine lists."),
    NO_SUCH_RESOURCE(404, false, "No such resource", "Check the path."),
    NO_SUCH_POOL(
            422, false, "The host has no such pool", "Name a pool that the host reports, or configure it on the host."),
    NO_SUCH_NETWORK(
            422,
            false,
            "The host has no such network",
            "Name a network that the host reports, or configure it on the host."),
    COMMAND_CONFLICT(409, false, "The id was used for something else", "Use a new id."),
    STALE_EPOCH(
            409,
            false,
            "The command is older than what the host knows",
            "Read the machine again; another command has overtaken this one."),
    VM_ALREADY_HERE(409, false, "The machine is already on this host", "Choose another destination."),
    VM_IN_MIGRATION(409, true, "The machine is in a migration", "Wait for the migration's end, or cancel it."),
    VM_RUNNING(409, true, "The machine runs", "Stop it first."),
    VM_NOT_RUNNING(409, true, "The machine does not run", "Start it first."),
    VM_DID_NOT_STOP(409, true, "The guest did not power off in time", "Try again, or stop it with force."),
    MIGRATION_NOT_ENDED(409, true, "The migration has not ended", "Wait for its end, or abort it."),
    INVALID_DISK(422, false, "The disk's definition cannot be used", "Correct the disk's definition."),
    IMAGE_OUTSIDE_POOL(
            422,
            false,
            "The image file is not inside the pool's folder",
            "Put the image into the pool's folder, without a link that leads out of it."),
    IMAGE_NOT_FOUND(422, false, "There is no such image file", "Check the path on the host."),
    IMAGE_UNUSABLE(
            422,
            false,
            "The image file cannot be used",
            "Convert the image with qemu-img into a stand-alone raw or qcow2 file."),
    IMAGE_IN_USE(409, false, "The image file belongs to another machine", "Use another file."),
    MACHINE_TYPE_UNAVAILABLE(
            422, false, "The host's QEMU does not offer the machine type", "Choose one that the host reports."),
    CPU_MODEL_UNAVAILABLE(
            422, false, "The host cannot give the CPU model", "Choose one that the host reports as usable."),
    BOOT_FILE_UNAVAILABLE(422, true, "A boot file could not be read", "Check the file on the host it comes from."),
    NOT_ENOUGH_SPACE(409, true, "The pool has not enough free space", "Free space in the pool, or choose another."),
    NOT_ENOUGH_MEMORY(
            409, true, "The host has not enough free memory", "Stop machines on the host, or choose another."),
    GUEST_DIED(409, false, "The guest's hypervisor process ended", "Look at the machine's log; start it again."),
    START_FAILED(
            422,
            false,
            "The hypervisor does not start a machine of this definition",
            "Read its words in `native` and correct the definition, or what it names on the host."),
    HYPERVISOR_FAILED(500, true, "The hypervisor did not do what it was asked", "Read its words in `native`."),
    DESTINATION_DISK_FULL(409, true, "The destination's pool ran full", "Free space in the pool, or choose another."),
    DESTINATION_DISK_FAILED(500, true, "Writing a disk failed at the destination", "Check the destination's storage."),
    DESTINATION_HYPERVISOR_FAILED(500, true, "The destination's hypervisor failed", "Read its words in `native`."),
    SOURCE_DISK_FAILED(500, true, "Reading a disk failed at the source", "Check the source's storage."),
    LINK_LOST(
            503,
            true,
            "The link between the two agents was lost",
            "Check the network between the hosts and migrate again."),
    PEER_ABORTED(409, true, "The other host ended the migration", "Read the other side's problem."),
    PEER_REJECTED(
            409,
            false,
            "The other host sent what cannot be",
            "Check that both agents have the same version; what was seen and expected says more."),
    AGENT_RESTARTED(503, true, "The agent was restarted during the migration", "Migrate again."),
    HANDOVER_TIMED_OUT(
            504, true, "The hand-over did not end in time", "Check the network between the hosts and migrate again."),
    LEDGER_FAILED(
            500,
            true,
            "The agent could not write down what it makes",
            "Check the free space and health of the agent's data folder."),
    HOST_STORAGE_FAILED(
            500,
            true,
            "A file of the host could not be read or written",
            "Check the free space and health of the host's file systems."),
    INTERNAL_ERROR(500, true, "The agent met a state it does not expect", "Report it with the agent's log.");

    private final int status;
    private final boolean retryable;
    private final String title;
    private final String action;

    ProblemCode(int status, boolean retryable, String title, String action) {
        this.status = status;
        this.retryable = retryable;
        this.title = title;
        this.action = action;
    }

    public int status() {
        return status;
    }

    public boolean retryable() {
        return retryable;
    }

    public String title() {
        return title;
    }

    public String action() {
        return action;
    }
}
