package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.GuestDefinition;
import java.net.InetSocketAddress;

/** Everything the source needs. Two orders with the same id are the same order or a conflict. */
public record OutgoingOrder(
        String migrationId,
        long epoch,
        ExpectedPeer peer,
        GuestDefinition guest,
        InetSocketAddress destination,
        TransferPolicy policy) {}
