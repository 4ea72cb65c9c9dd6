package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.DiskSeed;
import io.longhaul.engine.hypervisor.GuestDefinition;
import java.util.List;
import java.util.Map;

/**
 * Everything the destination needs. Two orders with the same id are the same order or a conflict.
 *
 * @param seeds by the disk's name, what it may begin with, the best first
 * @param notes what is to be told of the disks besides, a sentence each
 */
public record IncomingOrder(
        String migrationId,
        long epoch,
        ExpectedPeer peer,
        GuestDefinition guest,
        TransferPolicy policy,
        Map<String, List<DiskSeed>> seeds,
        List<String> notes) {

    public IncomingOrder {
        seeds = Map.copyOf(seeds);
        notes = List.copyOf(notes);
    }

    /** With disks that begin empty, or as an earlier try left them. */
    public IncomingOrder(
            String migrationId, long epoch, ExpectedPeer peer, GuestDefinition guest, TransferPolicy policy) {
        this(migrationId, epoch, peer, guest, policy, Map.of(), List.of());
    }
}
