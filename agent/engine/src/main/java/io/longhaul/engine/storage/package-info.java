/**
 * One disk's way from here to there. Takes a {@code DiskReader}, the guest's writes and a stream; gives, at the other
 * end, the same disk through a {@code DiskWriter}.
 *
 * <pre>
 *   guest's write ──► DiskSender.written ─┐ (never waits)            DiskReceiver
 *                                         ├─► stream, unordered ──► held while behind a barrier ─► writer threads
 *   DiskReader ──► Mover, one thread ─────┘ ◄── acknowledged when written ──────────────────────── DiskWriter
 * </pre>
 *
 * <p>Each region of 64 KiB is NOT_COPIED, COPYING or COPIED. Invariant: what the destination lacks of a region is in
 * NOT_COPIED's read to come, in COPYING's read under way followed by the region's pending writes, or in a frame in
 * flight followed by them.
 *
 * <p><b>Order.</b> The stream keeps none. A region therefore has frames in flight only as long as these do not overlap;
 * what the guest writes meanwhile waits for the acknowledgement, merged, or sends the region back to NOT_COPIED. At the
 * switchover there is no time for that round trip: the sender opens a new <i>generation</i>. Frames carry the number of
 * frames that must be applied before them, the <i>barrier</i>: that of a new generation is the number of all frames sent
 * before it. So the last frames leave without waiting, the receiver holds them until the earlier ones are applied, and
 * what it holds is within the stream's window because held frames are not acknowledged. Earlier frames were all sent
 * before, so they never wait for window that held frames occupy: no deadlock.
 *
 * <p>Threads are the caller's: one for {@code DiskSender.copy}, some for {@code DiskReceiver}. Must not know: memory,
 * NBD, the hypervisor beyond its disk ports.
 */
@NullMarked
package io.longhaul.engine.storage;

import org.jspecify.annotations.NullMarked;
