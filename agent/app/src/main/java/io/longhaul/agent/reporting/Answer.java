package io.longhaul.agent.reporting;

/**
 * How the control plane took something. Immutable.
 *
 * @param text the body where it was taken, the reason where it was not
 */
record Answer(Kind kind, String text) {

    enum Kind {
        TAKEN,
        /** It does not know this host: register first. */
        NO_SUCH_HOST,
        /** It was not reached or could not take it now: try again later. */
        FAILED,
        /** It will never take this: trying the same again is of no use. */
        REFUSED
    }
}
