package io.longhaul.engine.memory;

/**
 * What the memory stream and its return stream carry. In each frame of the memory stream {@code position} is the number of
 * bytes of payload of all frames before it, so that a gap is seen.
 *
 * <pre>
 * BYTES       bytes of the hypervisor's stream as they are, after all that came before and before all that follows
 * END         the stream's end
 * LAYOUT      {@link RamLayout}, once, before the first PAGES or REFERENCES
 *
 * PAGES       +----------+ then once per run: +------+-------+------------+----------+
 *             | runs (4) |                    | kind | block | first page | count (4)|
 *             +----------+                    | (1)  |  (2)  |    (8)     |          |
 *                                             +------+-------+------------+----------+
 *             then the pages of all runs of kind FULL in their order, 4,096 bytes each; kind ZERO has none
 *
 * REFERENCES  +--------------+-----------+ then once per page:
 *             | sequence (4) | count (2) | +-----------+----------+----------+------------+-----------+
 *             +--------------+-----------+ | block (2) | page (8) | disk (2) | offset (8) | hash (16) |
 *                                          +-----------+----------+----------+------------+-----------+
 *
 * return stream, one per REFERENCES:
 * VERDICT     +--------------+-----------------+-----------+ then once per page not found: +-----------+
 *             | sequence (4) | waited (4), µs  | count (2) |                               | index (2) |
 *             +--------------+-----------------+-----------+                               +-----------+
 * </pre>
 *
 * <p>In a verdict, {@code waited} is how long the stream stood still at the destination until the pages were looked up.
 *
 * <p>Of two versions of a page the one that comes later, in the order of frames and within them, is the newer. The hash is
 * the first 16 bytes of SHA-256.
 */
final class MemoryFrames {
    static final int BYTES = 1;
    static final int END = 2;
    static final int LAYOUT = 3;
    static final int PAGES = 4;
    static final int REFERENCES = 5;
    static final int VERDICT = 1;

    static final int RUN_ZERO = 0;
    static final int RUN_FULL = 1;
    static final int RUN_BYTES = 15;

    static final int HASH_BYTES = 16;
    static final int REFERENCES_HEADER_BYTES = 6;
    static final int VERDICT_HEADER_BYTES = 10;
    static final int REFERENCE_BYTES = 2 + Long.BYTES + 2 + Long.BYTES + HASH_BYTES;

    /** A verdict travels back for so many: few enough that they are read within milliseconds, 1 MiB of pages. */
    static final int REFERENCES_LIMIT = 256;

    private MemoryFrames() {}
}
