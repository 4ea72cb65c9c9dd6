package io.longhaul.engine.transport;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Arrays for the long payloads of frames, used again once a frame is consumed or acknowledged. Thread safe. Keeps at most
 * what the disks of one migration have on the way; of what is too much, the size that was not asked for for longest goes
 * first. Where a new array is made, as much of other sizes goes, so that what is kept adds nothing to what was held before.
 *
 * <p>A payload waits for its turn at the disk, or for its acknowledgement, for longer than a young collection lets it be
 * young. Made anew for each frame, payloads of 200 MB/s had the serial collector of a small heap stop the destination's
 * agent for 100 ms in every 600 (62 full collections in 20 s), and those of memory over 200 ms the source's for 370 ms of
 * the two seconds in which it sent them. What is not given back, as by a link that has failed, is garbage as any other
 * array: unlike direct memory it needs nobody's care.
 */
public final class PayloadBuffers {
    /** Arrays are for payloads of more than about three quarters of them: few bytes must not keep many. Ascending. */
    private static final List<Integer> SIZES = List.of(
            64 << 10,
            80 << 10,
            104 << 10,
            136 << 10,
            180 << 10,
            240 << 10,
            320 << 10,
            424 << 10,
            564 << 10,
            768 << 10,
            Frame.PAYLOAD_LIMIT_BYTES);

    /** Shorter ones are made anew: they are some hundredths of what a move sends. */
    private static final int SHORT_BYTES = 48 << 10;

    /**
     * All migrations of the process share one: arrays of one that has ended are old, and only a full collection in the
     * middle of the next would free them. Declared behind the sizes, as it is made of them.
     */
    public static final PayloadBuffers SHARED =
            new PayloadBuffers(LinkSettings.Windows.defaults().diskBytes());

    private final long keptLimitBytes;
    /** Ascending by size. */
    private final List<Shelf> shelves =
            SIZES.stream().map(bytes -> new Shelf(bytes, new ArrayDeque<>())).toList();
    /** The same, the one that was not asked for for longest first. */
    private final Deque<Shelf> byUse = new ArrayDeque<>(shelves);

    private long keptBytes;

    /** @param keptLimitBytes how much may lie here unused */
    public PayloadBuffers(long keptLimitBytes) {
        this.keptLimitBytes = keptLimitBytes;
    }

    /** Free arrays of one size. The pool's lock guards it. */
    private record Shelf(int bytes, Deque<byte[]> free) {
        boolean has(byte[] array) {
            return free.stream().anyMatch(one -> one == array);
        }
    }

    /** As many bytes as asked for from position 0 to the limit, of any content, in an array of its own. */
    public ByteBuffer take(int bytes) {
        Shelf shelf = bytes > SHORT_BYTES ? shelfFor(bytes) : null;
        if (shelf == null) {
            return ByteBuffer.allocate(bytes);
        }
        byte[] again = poll(shelf);
        return ByteBuffer.wrap(again == null ? new byte[shelf.bytes] : again, 0, bytes);
    }

    /**
     * Nobody reads these bytes any more, and nobody else has them. Once for each that was taken. What was not is kept where
     * it fits.
     *
     * @param taken in an array; position and limit are of no account
     * @throws IllegalStateException where it was given back before: two machines would have it
     */
    public void giveBack(ByteBuffer taken) {
        Shelf shelf = shelfFor(taken.array().length);
        if (shelf != null && shelf.bytes == taken.array().length) {
            push(shelf, taken.array());
        }
    }

    /** @return the first whose arrays are long enough; null where none are */
    private @Nullable Shelf shelfFor(int bytes) {
        for (Shelf shelf : shelves) {
            if (bytes <= shelf.bytes) {
                return shelf;
            }
        }
        return null;
    }

    private synchronized byte @Nullable [] poll(Shelf shelf) {
        byUse.remove(shelf);
        byUse.add(shelf);
        byte[] array = shelf.free.poll();
        if (array == null) {
            dropDownTo(keptBytes - shelf.bytes);
        } else {
            keptBytes -= array.length;
        }
        return array;
    }

    private synchronized void push(Shelf shelf, byte[] array) {
        if (shelf.has(array)) {
            throw new IllegalStateException("a payload's array was given back twice");
        }
        shelf.free.push(array);
        keptBytes += array.length;
        dropDownTo(keptLimitBytes);
    }

    private void dropDownTo(long bytes) {
        for (Shelf shelf : byUse) {
            while (keptBytes > bytes && !shelf.free.isEmpty()) {
                keptBytes -= shelf.free.remove().length;
            }
        }
    }
}
