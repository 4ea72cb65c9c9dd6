package io.longhaul.controlplane.agents;

import io.longhaul.api.agent.model.MigrationRole;

/**
 * One command about one migration; idempotent at the agent.
 *
 * @param body JSON: the request's body, or the record below that belongs to the kind
 */
public record MigrationCommand(String migrationId, Kind kind, String body) {

    /** What is commanded. Names are stored. */
    public enum Kind {
        /** Destination: prepare to receive. Body: PutIncoming. */
        INCOMING,
        /** Source: move the machine away. Body: PutOutgoing. */
        OUTGOING,
        /** Either side: end and undo. Body: AbortOrder. */
        ABORT,
        /** Source: go on by another policy. Body: PutPolicy. */
        POLICY,
        /** Source that has sent GRANT: what the destination decided. Body: PutResolution. */
        RESOLUTION,
        /** Either side: forget an ended migration. Body: ForgetOrder. */
        FORGET
    }

    /** The query of an abort. */
    public record AbortOrder(long epoch, MigrationRole role) {}

    /** The query of a forget. */
    public record ForgetOrder(boolean deleteSourceDisks) {}
}
