package io.longhaul.engine.memory;

/**
 * How often each page came again in the last rounds. Owned by the sender's thread.
 *
 * <p>One byte per cell: the round in which it was last seen, modulo 31, in the upper five bits, and its heat in the lower
 * three. A cell is one page of a guest of up to 64 GiB; above that several neighbours share one, so that a guest of any
 * size costs at most 16 MiB. A page not seen for 31 rounds looks as if it had been seen just now: that holds it back once
 * for nothing.
 */
final class PageHistory {
    static final int CELLS_LIMIT = 16 << 20;

    private static final int ROUNDS = 31;
    private static final int HEAT_BITS = 3;
    private static final int HOTTEST = 7;

    /** Came again twice: what changed in two of the last rounds will in the next. */
    private static final int HOT = 2;

    /** Coming again within so many rounds is heat; with more between it cools by as much. */
    private static final int NEAR_ROUNDS = 2;

    private final long[] firstPage;
    private final int shift;
    private final byte[] cells;

    PageHistory(RamLayout layout) {
        this(layout, CELLS_LIMIT);
    }

    PageHistory(RamLayout layout, int cellsLimit) {
        firstPage = new long[layout.blocks().size()];
        long pages = 0;
        for (int block = 0; block < firstPage.length; block++) {
            firstPage[block] = pages;
            pages += layout.blocks().get(block).pages();
        }
        int bits = 0;
        while (pages >>> bits >= cellsLimit) {
            bits++;
        }
        shift = bits;
        cells = new byte[(int) (pages >>> shift) + 1];
    }

    /** Notes that the page came in this round, and says whether it is hot. */
    boolean seen(int block, long page, int round) {
        int cell = (int) ((firstPage[block] + page) >>> shift);
        int known = cells[cell] & 0xFF;
        int stamp = round % ROUNDS + 1;
        int heat = known & HOTTEST;
        if (known != 0) {
            int between = Math.floorMod(stamp - (known >>> HEAT_BITS), ROUNDS);
            if (between > NEAR_ROUNDS) {
                heat = Math.max(0, heat - (between - NEAR_ROUNDS));
            } else if (between > 0) {
                heat = Math.min(HOTTEST, heat + 1);
            }
        }
        cells[cell] = (byte) (stamp << HEAT_BITS | heat);
        return heat >= HOT;
    }
}
