package io.longhaul.engine.session;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * @param downtimeLimit the switchover starts when it is forecast to take no longer
 * @param maxBytesPerSecond cap on the wire; empty for none
 * @param verifyDisks whether both sides digest each disk for the state at the pause
 */
public record TransferPolicy(Duration downtimeLimit, OptionalLong maxBytesPerSecond, boolean verifyDisks) {}
