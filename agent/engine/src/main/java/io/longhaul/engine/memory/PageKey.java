package io.longhaul.engine.memory;

/** A page of the guest in one long: 16 bits of block, 40 bits of page. In the order of the hypervisor's own search. */
final class PageKey {
    private static final int PAGE_BITS = 40;

    private PageKey() {}

    static long of(int block, long page) {
        return ((long) block << PAGE_BITS) | page;
    }

    static int block(long key) {
        return (int) (key >>> PAGE_BITS);
    }

    static long page(long key) {
        return key & ((1L << PAGE_BITS) - 1);
    }
}
