package io.longhaul.bench.wan;

/** What is measured of one move. Less is better, except for writes and bytes per second and for shares. */
enum Figure {
    /** From the first byte on the link to the guest's first tick at the destination. */
    TOTAL_MILLIS("totalMillis", "ms"),
    /** From QEMU's pause at the source to its going on at the destination. */
    DOWNTIME_MILLIS("downtimeMillis", "ms"),
    /** The longest time without a tick of the guest around the switchover. */
    GUEST_DOWNTIME_MILLIS("guestDowntimeMillis", "ms"),
    WRITE_P99_BEFORE_MILLIS("writeP99BeforeMillis", "ms"),
    WRITE_P99_DURING_MILLIS("writeP99DuringMillis", "ms"),
    WRITE_P99_AFTER_MILLIS("writeP99AfterMillis", "ms"),
    WRITE_P50_BEFORE_MILLIS("writeP50BeforeMillis", "ms"),
    WRITE_P50_DURING_MILLIS("writeP50DuringMillis", "ms"),
    WRITE_MAX_DURING_MILLIS("writeMaxDuringMillis", "ms"),
    WRITES_PER_SECOND_BEFORE("writesPerSecondBefore", "/s"),
    WRITES_PER_SECOND_DURING("writesPerSecondDuring", "/s"),
    /** IP packets in both directions. */
    BYTES_ON_WIRE("bytesOnWire", "bytes"),
    PAGES_SENT("pagesSent", "pages"),
    /** Told as a place on a disk that the destination has, instead of being sent. */
    PAGES_REFERENCED("pagesReferenced", "pages"),
    /** Passes over the memory, and by how many pages: rounds are what pages of both sides compare by. */
    MEMORY_ROUNDS("memoryRounds", "rounds"),
    PAGES_PER_ROUND("pagesPerRound", "pages"),
    /** Of the part in which disks are copied before memory is. */
    COPY_MILLIS("copyMillis", "ms"),
    DISK_BYTES_PER_SECOND("diskBytesPerSecond", "B/s"),
    /** Of the line's rate, and of the cap, what went from host a to host b while disks were copied. */
    LINE_RATE_SHARE("lineRateShare", "of 1"),
    RATE_CAP_SHARE("rateCapShare", "of 1"),
    /** With a cut of the link, what crossed it beyond what crosses it without one. */
    BYTES_SENT_AGAIN("bytesSentAgain", "bytes"),
    /** The same guest's longest write in a move without the cut. */
    WRITE_MAX_WITHOUT_CUT_MILLIS("writeMaxWithoutCutMillis", "ms"),
    /** Of the agent that had more: heap and direct buffers; and all that is resident. */
    AGENT_MEMORY_PEAK_BYTES("agentMemoryPeakBytes", "bytes"),
    AGENT_RESIDENT_PEAK_BYTES("agentResidentPeakBytes", "bytes");

    private final String jsonName;
    private final String unit;

    Figure(String jsonName, String unit) {
        this.jsonName = jsonName;
        this.unit = unit;
    }

    String jsonName() {
        return jsonName;
    }

    String unit() {
        return unit;
    }
}
