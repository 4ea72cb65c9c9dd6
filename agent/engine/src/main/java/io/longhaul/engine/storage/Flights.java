package io.longhaul.engine.storage;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Frames sent and not acknowledged, by number. Guarded by its {@link DiskCopy}. */
final class Flights {
    private final Map<Long, Flight> byNumber = new HashMap<>();
    private final Set<Long> early = new HashSet<>();
    private long bytes;

    /** @param buffer held until the frame is acknowledged; null where the frame owns its bytes */
    record Flight(Span span, long payloadBytes, RunBuffers.@Nullable Lease buffer) {}

    /** @return true where the acknowledgement was here first: the flight is over */
    boolean start(long number, Flight flight) {
        if (early.remove(number)) {
            return true;
        }
        byNumber.put(number, flight);
        bytes += flight.payloadBytes();
        return false;
    }

    /**
     * @param mayBeEarly whether some frame's number is not yet known here
     * @return null where the frame is not known
     */
    @Nullable
    Flight end(long number, boolean mayBeEarly) {
        Flight flight = byNumber.remove(number);
        if (flight != null) {
            bytes -= flight.payloadBytes();
        } else if (mayBeEarly) {
            early.add(number);
        }
        return flight;
    }

    long bytes() {
        return bytes;
    }
}
