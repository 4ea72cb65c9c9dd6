package io.longhaul.bench.wan;

/** The link between the two hosts, and what went over it. Thread safe. */
interface WanLink extends AutoCloseable {

    /** How it is made, for the settings of a result. */
    String kind();

    /** Counts anew from here. */
    void mark();

    /** What went over it since it was marked. */
    LinkCount count();

    @Override
    void close();

    /**
     * @param bytes of IP packets, both directions
     * @param firstNanos when the first of them came, as System.nanoTime() has it; 0 where there was none
     */
    record LinkCount(long bytes, long firstNanos) {}
}
