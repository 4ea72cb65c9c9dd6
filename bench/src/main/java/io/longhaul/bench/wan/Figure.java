package io.longhaul.bench.wan;

/** What is measured of one move. Less is better, except for writes per second. */
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
    PAGES_SENT("pagesSent", "pages");

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
