package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.GuestDefinition;
import java.net.InetSocketAddress;
import java.util.Set;

/**
 * Everything the source needs. Two orders with the same id are the same order or a conflict.
 *
 * @param blankDisks names of those that read as zeros at the destination, see {@link MigrationSide#blankDisks}
 */
public record OutgoingOrder(
        String migrationId,
        long epoch,
        ExpectedPeer peer,
        GuestDefinition guest,
        InetSocketAddress destination,
        Set<String> blankDisks,
        TransferPolicy policy) {

    public OutgoingOrder {
        blankDisks = Set.copyOf(blankDisks);
    }
}
