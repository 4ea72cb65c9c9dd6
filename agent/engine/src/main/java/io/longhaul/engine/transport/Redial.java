package io.longhaul.engine.transport;

/** How connections that are not open come to be. Thread safe; nothing here waits. */
interface Redial {
    /** For the side that is dialled. */
    Redial NOTHING = new Redial() {
        @Override
        public void wanted(int index, boolean atOnce) {}

        @Override
        public void abortOlderThan(long nanos) {}
    };

    /**
     * A connection is wanted in this place, until it is there or the link has ended. Nothing where it is being dialled.
     *
     * @param atOnce whether not even the first pause is due
     */
    void wanted(int index, boolean atOnce);

    /** Gives up attempts that take longer, to begin anew: their first packet may have been lost. */
    void abortOlderThan(long nanos);
}
