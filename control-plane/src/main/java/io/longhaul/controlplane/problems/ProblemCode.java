package io.longhaul.controlplane.problems;

import io.longhaul.api.model.Problem;
import io.longhaul.api.model.ProblemDescription;
import java.util.Arrays;
import java.util.Optional;

/** The catalogue of problems. Names are part of the API and never change. */
public enum ProblemCode {
    NO_SUCH_HOST(
            404,
            "No host of this name has registered",
            "List the hosts with GET /v1/hosts; start the agent of the host if it is missing.",
            Retry.USELESS),
    NO_SUCH_VM(404, "No machine has this name or id", "List the machines with GET /v1/vms.", Retry.USELESS),
    NO_SUCH_MIGRATION(404, "No migration has this id", "List the migrations with GET /v1/migrations.", Retry.USELESS),
    NO_SUCH_PROBLEM(404, "The catalogue has no such code", "List the codes with GET /v1/problems.", Retry.USELESS),
    NOT_FOUND(404, "Nothing is served under this path", "Browse the API under /docs.", Retry.USELESS),
    VM_NAME_TAKEN(
            409,
            "Another machine has this name",
            "Choose another name, or delete the other machine first.",
            Retry.USELESS),
    VM_NOT_RUNNING(409, "The machine does not run", "Start it first with POST /v1/vms/{vm}/start.", Retry.USELESS),
    VM_RUNNING(409, "The machine runs", "Stop it first with POST /v1/vms/{vm}/stop.", Retry.USELESS),
    SAME_HOST(422, "Source and destination are the same host", "Name another host as destination.", Retry.USELESS),
    VM_ALREADY_MIGRATING(
            409, "The machine is in a migration", "Wait for the migration to end, or cancel it.", Retry.USEFUL),
    INSUFFICIENT_MEMORY(
            422,
            "The destination has too little free memory",
            "Free memory there or choose another destination.",
            Retry.USEFUL),
    INSUFFICIENT_DISK_SPACE(
            422,
            "A pool of the destination has too little free space",
            "Free space there, map the pool to another with `pools`, or choose another destination.",
            Retry.USEFUL),
    CPU_MODEL_UNAVAILABLE(
            422,
            "The host cannot give the machine its CPU model",
            "Choose a host whose processor has the model's features, or give the machine a plainer CPU model.",
            Retry.USELESS),
    MACHINE_TYPE_UNAVAILABLE(
            422,
            "The host's QEMU does not offer the machine type",
            "Choose a host with a QEMU that offers it, or give the machine an older machine type.",
            Retry.USELESS),
    NETWORK_UNAVAILABLE(
            422,
            "The host lacks a network that the machine uses",
            "Configure the network there, map it to another with `networks`, or choose another host.",
            Retry.USELESS),
    POOL_UNAVAILABLE(
            422,
            "The host lacks a storage pool that the machine uses",
            "Configure the pool there, map it to another with `pools`, or choose another host.",
            Retry.USELESS),
    AGENT_OFFLINE(
            503,
            "The agent of the host does not answer",
            "Start the agent, or wait for the host to come back.",
            Retry.USEFUL),
    AGENT_FAILED(
            502,
            "The agent of the host failed",
            "Look into the agent's log; repeat the request, which is safe.",
            Retry.USEFUL),
    QUEUE_FULL(503, "Too many migrations are waiting", "Repeat the request when some have ended.", Retry.USEFUL),
    TOO_MANY_WATCHERS(503, "Too many event streams are open", "Close some, or ask with GET instead.", Retry.USEFUL),
    MALFORMED_REQUEST(400, "The request cannot be read", "Correct the request.", Retry.USELESS),
    INVALID_FIELD(400, "A field is missing, unknown or has a wrong value", "Correct the field.", Retry.USELESS),
    BODY_TOO_LARGE(
            413,
            "The request body is too large",
            "Send a smaller body, or raise longhaul.api.max-body.",
            Retry.USELESS),
    UNSUPPORTED_MEDIA_TYPE(
            415, "The request body is of another type than the API takes", "Send application/json.", Retry.USELESS),
    NOT_ACCEPTABLE(406, "The API cannot answer in the type asked for", "Accept application/json.", Retry.USELESS),
    METHOD_NOT_ALLOWED(
            405,
            "The path does not take this method",
            "Use one of the methods named in the Allow header.",
            Retry.USELESS),
    IDEMPOTENCY_KEY_REUSED(
            422,
            "The Idempotency-Key was used with another request",
            "Use a new key for a new request.",
            Retry.USELESS),
    NOT_CANCELLABLE(
            409,
            "The migration can no longer be cancelled",
            "Look at its state; move the machine back once it has completed.",
            Retry.USELESS),
    NOT_CHANGEABLE(
            409,
            "The migration can no longer be changed",
            "Look at its state; what it moved by is in its policy.",
            Retry.USELESS),
    UNAUTHORIZED(
            401,
            "The certificate is missing or is another's",
            "Let the agent join with a token, and report about its own host only.",
            Retry.USELESS),
    TOKEN_REFUSED(
            401,
            "The join token is not good",
            "Make a new one with POST /v1/join-tokens and give it to the agent.",
            Retry.USELESS),
    HOST_ALREADY_JOINED(
            409,
            "Another agent has joined as this host",
            "Choose another host name; if the host has lost its certificate, make a join token for this host alone.",
            Retry.USELESS),
    HOST_SHUT_OUT(
            403,
            "The host was shut out",
            "If it is to come back, give its agent a join token that was made afterwards.",
            Retry.USELESS),
    NO_SUCH_JOIN_TOKEN(404, "No such join token", "List them with GET /v1/join-tokens.", Retry.USELESS),
    INVALID_CURSOR(
            400, "The cursor is not one the API gave", "Use `nextCursor` of the page before as it is.", Retry.USELESS),
    INTERNAL_ERROR(500, "A fault in Longhaul", "Report it with the log lines of this moment.", Retry.USEFUL),
    // Reported by agents; the control plane passes on codes it does not know as they are.
    STALE_EPOCH(
            409,
            "The command is older than what the agent knows of the machine",
            "Look at the machine's state; repeat the request if it is still wanted.",
            Retry.USEFUL),
    COMMAND_CONFLICT(
            409,
            "The agent knows another command under the same id",
            "Repeat the request, which makes a new id.",
            Retry.USEFUL),
    GUEST_DIED(
            409,
            "The guest ended while it was moved",
            "Look into the machine's serial log and the agent's log; start it again.",
            Retry.USELESS),
    HYPERVISOR_FAILED(
            502,
            "The hypervisor at the source failed",
            "Look at `native` and the agent's log; repeat the migration.",
            Retry.USEFUL),
    DESTINATION_DISK_FULL(
            507,
            "A disk could not be written at the destination: no space",
            "Free space there and repeat the migration; the machine runs on at the source.",
            Retry.USEFUL),
    DESTINATION_DISK_FAILED(
            502,
            "A disk could not be written at the destination",
            "Look at `native` and the storage there; the machine runs on at the source.",
            Retry.USEFUL),
    DESTINATION_HYPERVISOR_FAILED(
            502,
            "The hypervisor at the destination failed",
            "Look at `native` and the agent's log there; the machine runs on at the source.",
            Retry.USEFUL),
    SOURCE_DISK_FAILED(
            502,
            "A disk could not be read at the source",
            "Look at `native` and the storage at the source.",
            Retry.USELESS),
    LINK_LOST(
            504,
            "The agents lost each other",
            "Look at the network between the hosts and repeat the migration; the machine runs on at the source.",
            Retry.USEFUL),
    PEER_ABORTED(502, "The other side gave up", "Look into the log of the other host's agent.", Retry.USEFUL),
    PEER_REJECTED(
            502,
            "The other side sent what cannot be",
            "Check that both agents have the same version; what was seen and expected says more.",
            Retry.USELESS),
    AGENT_RESTARTED(
            503,
            "An agent restarted during the migration",
            "Repeat the migration; the machine runs on at the source.",
            Retry.USEFUL),
    HANDOVER_TIMED_OUT(
            504,
            "The destination did not take the machine in time",
            "Repeat the migration; the machine runs on at the source.",
            Retry.USEFUL),
    LEDGER_FAILED(
            500,
            "An agent could not record or remove what the migration made",
            "Look at the agent's data folder: space and permissions.",
            Retry.USEFUL),
    IMAGE_NOT_FOUND(422, "The disk image does not exist on the host", "Correct `existingFile`.", Retry.USELESS),
    IMAGE_OUTSIDE_POOL(
            422, "The disk image lies outside the pool's folder", "Move the image into the pool.", Retry.USELESS),
    START_FAILED(
            502,
            "The machine could not be started",
            "Look at `native`; correct the machine's definition.",
            Retry.USELESS),
    BOOT_FILE_UNAVAILABLE(
            422,
            "A kernel, initrd or firmware file cannot be had",
            "Correct the path in `boot`; during a move, look whether the source's agent can be reached from the destination.",
            Retry.USELESS);

    private final int status;
    private final String title;
    private final String action;
    private final Retry retry;

    ProblemCode(int status, String title, String action, Retry retry) {
        this.status = status;
        this.title = title;
        this.action = action;
        this.retry = retry;
    }

    public static Optional<ProblemCode> named(String name) {
        return Arrays.stream(values()).filter(code -> code.name().equals(name)).findAny();
    }

    public int status() {
        return status;
    }

    /** This case of it, in a sentence. Seen, expected and host may be added. */
    public Problem problem(String detail) {
        return new Problem("/v1/problems/" + name(), title, status, name(), detail)
                .action(action)
                .retryable(retry == Retry.USEFUL);
    }

    public ProblemException exception(String detail) {
        return new ProblemException(problem(detail));
    }

    public ProblemException exception(String detail, String seen, String expected) {
        return new ProblemException(problem(detail).seen(seen).expected(expected));
    }

    ProblemDescription description() {
        return new ProblemDescription(name(), title, status, action, retry == Retry.USEFUL);
    }

    /** Whether the same request can succeed later without a change. */
    private enum Retry {
        USEFUL,
        USELESS
    }
}
