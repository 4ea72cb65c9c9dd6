package io.longhaul.engine.session;

import java.time.Duration;

/**
 * @param switchoverDeadline how long the guest may stand paused before GRANT, beyond what the policy allows the last bytes
 *     to take; then the source goes back to running it. Long enough for what the forecast did not know, short enough that
 *     a guest's own watchdogs mostly live.
 * @param loadDeadline how long the destination may take from GRANT to a loaded guest; then it refuses
 * @param linkDeadline how long a destination that is ready waits for the source; then it refuses. Long enough for a control
 *     plane that is restarted between the two commands
 * @param guestCheckDeadline how long to wait for the guest's own check after the move
 * @param linkPatience how long a link may be away while the guest runs: it loses nothing but time
 * @param pausedPatience how long a link may be away while the guest is paused: longer than a connection takes to be made
 *     again over the slowest link, shorter than most guests' own watchdogs
 * @param verificationDelay from the hand-over to the digests of the disks, which compete with a guest that has much to
 *     catch up on
 */
public record EngineSettings(
        Duration switchoverDeadline,
        Duration loadDeadline,
        Duration linkDeadline,
        Duration guestCheckDeadline,
        Duration linkPatience,
        Duration pausedPatience,
        Duration verificationDelay) {

    public static final EngineSettings DEFAULT = new EngineSettings(
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            Duration.ofMinutes(5),
            Duration.ofSeconds(60),
            Duration.ofMinutes(10),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1));

    public EngineSettings {
        requirePositive(switchoverDeadline, "switchoverDeadline");
        requirePositive(loadDeadline, "loadDeadline");
        requirePositive(linkDeadline, "linkDeadline");
        requirePositive(guestCheckDeadline, "guestCheckDeadline");
        requirePositive(linkPatience, "linkPatience");
        requirePositive(pausedPatience, "pausedPatience");
        requirePositive(verificationDelay, "verificationDelay");
        if (pausedPatience.compareTo(linkPatience) > 0) {
            throw new IllegalArgumentException("pausedPatience " + pausedPatience
                    + " must not be longer than linkPatience " + linkPatience + ": a paused guest waits for it");
        }
    }

    /** A policy may allow more than the deadline, and a pause as long as it allows is not broken off. */
    Duration longestPause(TransferPolicy policy) {
        return switchoverDeadline.plus(policy.downtimeLimit());
    }

    private static void requirePositive(Duration duration, String name) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException(name + " must be longer than zero, but is " + duration);
        }
    }
}
