package io.longhaul.bench.wan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows what a guest writes, noting when each line arrives. Has a thread of its own, which looks every two
 * milliseconds; the rest is thread safe. A file that is removed meanwhile is read to its end.
 */
final class SerialLog implements AutoCloseable {
    private static final long LOOK_MILLIS = 2;
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Supplier<Optional<Path>> file;
    private final Thread thread;
    private final List<GuestEntry> entries = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private final StringBuilder line = new StringBuilder();
    private @Nullable String first;
    private @Nullable FileChannel channel;
    private volatile boolean closed;

    private SerialLog(Supplier<Optional<Path>> file) {
        this.file = file;
        this.thread = new Thread(this::follow, "serial-log");
        thread.setDaemon(true);
    }

    /**
     * @param file where it is, as soon as it is there
     */
    static SerialLog follow(Supplier<Optional<Path>> file) {
        SerialLog log = new SerialLog(file);
        log.thread.start();
        return log;
    }

    List<GuestEntry> entries() {
        synchronized (entries) {
            return List.copyOf(entries);
        }
    }

    /** All that the guest has said here, with the ends that may be halves of lines; after close() nothing is left out. */
    Heard heard() {
        synchronized (entries) {
            return new Heard(first == null ? "" : first, List.copyOf(entries), line.toString());
        }
    }

    /**
     * What a guest said on one host. A guest may be paused in the middle of a line; the other half is then said on the
     * next host.
     *
     * @param first the first line, of which the beginning may be missing; empty if none has ended yet
     * @param entries of whole lines, the first among them
     * @param unfinished what followed the last whole line
     */
    record Heard(String first, List<GuestEntry> entries, String unfinished) {}

    /** Waits for an entry; returns whether it came. */
    boolean await(Predicate<GuestEntry> wanted, long deadlineNanos) {
        synchronized (entries) {
            while (entries.stream().noneMatch(wanted)) {
                long millis = (deadlineNanos - System.nanoTime()) / 1_000_000;
                if (millis <= 0 || closed) {
                    return false;
                }
                try {
                    entries.wait(Math.min(millis, 100));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new WanException("Interrupted while waiting for the guest", e);
                }
            }
            return true;
        }
    }

    private void follow() {
        try {
            while (!closed) {
                look();
                Thread.sleep(LOOK_MILLIS);
            }
            look();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException("The guest's log cannot be read: " + e.getMessage(), e);
        }
    }

    private void look() throws IOException {
        FileChannel open = channel;
        if (open == null) {
            Optional<Path> found = file.get();
            if (found.isEmpty()) {
                return;
            }
            open = FileChannel.open(found.get(), StandardOpenOption.READ);
            channel = open;
        }
        buffer.clear();
        while (open.read(buffer) > 0) {
            take(System.nanoTime());
            buffer.clear();
        }
    }

    private void take(long atNanos) {
        buffer.flip();
        String text = StandardCharsets.ISO_8859_1.decode(buffer).toString();
        synchronized (entries) {
            for (int start = 0; start < text.length(); ) {
                int end = text.indexOf('\n', start);
                line.append(text, start, end < 0 ? text.length() : end);
                if (end < 0) {
                    return;
                }
                ended(line.toString(), atNanos);
                line.setLength(0);
                start = end + 1;
            }
        }
    }

    private void ended(String text, long atNanos) {
        if (first == null) {
            first = text;
        }
        GuestEntry.parse(text, atNanos).ifPresent(entries::add);
        entries.notifyAll();
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
            FileChannel open = channel;
            if (open != null) {
                open.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException("The guest's log cannot be closed: " + e.getMessage(), e);
        }
    }
}
