package io.longhaul.bench.wan;

/** The link between the two hosts, and what went over it. Thread safe. */
interface WanLink extends AutoCloseable {

    /** How it is made, for the settings of a result. */
    String kind();

    /** Gives it other properties; what is on the way keeps its own. */
    void set(LinkProperties properties);

    /** Loses every packet from here on, those on the way too. */
    void cut();

    void mend();

    /** Counts anew from here. */
    void mark();

    /** What went over it since it was marked. */
    LinkCount count();

    @Override
    void close();

    /**
     * @param bytes of IP packets, both directions
     * @param forwardBytes of these, from host a to host b
     * @param firstNanos when the first of them came, as System.nanoTime() has it; 0 where there was none
     */
    record LinkCount(long bytes, long forwardBytes, long firstNanos) {}
}
