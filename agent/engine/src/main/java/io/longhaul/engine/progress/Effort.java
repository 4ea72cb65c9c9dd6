package io.longhaul.engine.progress;

/**
 * What the work so far consisted of, and what losses cost. Counts never fall while a side lives. Immutable.
 *
 * @param pagesSent versions of pages that crossed the link in full
 * @param pagesReferenced versions that crossed it as the place where the far side has the same
 * @param pagesSuperseded versions that never crossed it, because a newer one came while they were held back
 * @param pagesHeldBack versions that were held back when they came
 * @param revision which version of the memory is worked on; empty before there is one
 * @param pagesChangedPerSecond over the last round that lasted long enough to tell
 * @param bytesResent because a connection was lost with them
 * @param reconnects connections opened in the place of lost ones
 * @param outages times that the link was away
 * @param outageMillis for how long it was, in all, the present outage included
 * @param connectionsOpen now
 * @param diskBytesMatched found equal at the destination and therefore not sent
 */
public record Effort(
        long pagesSent,
        long pagesReferenced,
        long pagesSuperseded,
        long pagesHeldBack,
        String revision,
        double pagesChangedPerSecond,
        long bytesResent,
        long reconnects,
        long outages,
        long outageMillis,
        int connectionsOpen,
        long diskBytesMatched) {
    public static final Effort NONE = new Effort(0, 0, 0, 0, "", 0, 0, 0, 0, 0, 0, 0);
}
