package io.longhaul.engine.memory;

import io.longhaul.engine.transport.LinkException;

/**
 * What {@link QemuStreamReader} finds, in the order of the stream. Called on the reader's thread; may block, which is how
 * the hypervisor is held back. Arrays are the reader's: valid during the call only.
 */
interface StreamEvents {

    /** Bytes that must arrive as they are, after everything before them and before everything that follows. */
    void opaque(byte[] array, int offset, int length) throws LinkException, InterruptedException;

    /** Once, before the first page. */
    void layout(RamLayout layout) throws LinkException, InterruptedException;

    /** The newest version so far of a page, {@link QemuStream#PAGE_BYTES} long. */
    void page(int block, long page, byte[] array, int offset) throws LinkException, InterruptedException;

    /** The newest version so far of a page is all zeros. */
    void zeroPage(int block, long page) throws LinkException, InterruptedException;

    /** The guest does not run any more: every page that comes is its last version. May be told more than once. */
    void paused();

    /** No more pages: each one's last version must be at the far side before what follows. */
    void pagesEnded() throws LinkException, InterruptedException;

    /** The hypervisor ended its stream before its end, as it does when it is told to cancel. The rest comes as opaque. */
    void cut() throws LinkException, InterruptedException;

    /** From here on everything is opaque, and each page's last version must be at the far side before it. Once at most. */
    void fallback(String reason) throws LinkException, InterruptedException;
}
