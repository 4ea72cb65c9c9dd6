package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;

/** A clock that moves when told. Owned by the test's thread. */
class FakeTicker implements Ticker {
    private long nowNanos = 1_000_000_000;

    void advanceMillis(long millis) {
        nowNanos += millis * 1_000_000;
    }

    void advanceNanos(long nanos) {
        nowNanos += nanos;
    }

    @Override
    public long nanos() {
        return nowNanos;
    }

    @Override
    public long wallMicros() {
        return nowNanos / 1000;
    }
}
