package io.longhaul.engine.nbd;

/**
 * What clients have asked of a server that it did not do, since it was opened. Immutable.
 *
 * @param connections accepted
 * @param refusedConnections closed at once, because there were too many
 * @param refusedOptions malformed, oversized, or for an export that is not there
 * @param refusedRequests out of range, too long, of an unknown command or with unknown flags
 * @param failedRequests which the disk itself refused
 * @param violations connections ended because what came was no message of the protocol
 * @param cutConnections ended by the client, or by whatever ended the client, within a message
 */
public record NbdServerCounters(
        long connections,
        long refusedConnections,
        long refusedOptions,
        long refusedRequests,
        long failedRequests,
        long violations,
        long cutConnections) {}
