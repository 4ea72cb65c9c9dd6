package io.longhaul.engine.transport;

/** How a link's connections find out how fast they may send. */
public enum CongestionControl {
    /**
     * By the rate and the round trip that are measured (BBR, Cardwell et al., ACM Queue 14(5), 2016), where the kernel has
     * it; else as {@link #SYSTEM}. What most systems use slows down at each lost packet, which BBR does much less: at 100 ms
     * with 1 % lost such a connection carries 0.2 MB/s (Mathis et al., 1997). Over no distance by reno, which costs the
     * processor less.
     */
    BBR,
    /** As the system is set. */
    SYSTEM
}
