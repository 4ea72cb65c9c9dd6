package io.longhaul.engine.storage;

/**
 * How one disk stands at the source. Immutable.
 *
 * @param doneBytes of the disk that the destination has had at least once; never falls
 * @param remainingBytes that the destination does not have in their newest form
 * @param sentBytes payload handed to the stream, what was sent again included
 * @param matchedBytes found equal at the destination and therefore not sent
 * @param frames handed to the stream
 * @param returns how often the guest sent a region back to be read again
 */
public record DiskCounters(
        long sizeBytes,
        long doneBytes,
        long remainingBytes,
        long sentBytes,
        long matchedBytes,
        long frames,
        long returns) {}
