package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.GuestDefinition;

/** Everything the destination needs. Two orders with the same id are the same order or a conflict. */
public record IncomingOrder(
        String migrationId, long epoch, ExpectedPeer peer, GuestDefinition guest, TransferPolicy policy) {}
