package io.longhaul.agent.probe;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a growing log piece by piece, whole lines only. Owned by one thread at a time. Bounded: one call reads no more
 * than {@link #PIECE_BYTES}, and skips what is older than that.
 */
final class LogLines {
    /** Minutes of the guest's lines; a log may have grown by gigabytes since the last call. */
    static final int PIECE_BYTES = 1 << 20;

    /** Longer lines are no lines of ours; they are cut. */
    private static final int LINE_LIMIT = 4096;

    private final Path file;
    private final StringBuilder partial = new StringBuilder();
    private long position;

    /** Starts near the end of what is there. */
    LogLines(Path file) {
        this.file = file;
    }

    /** Goes to the end: the next call gives only lines that begin, or at least end, after this. */
    void skipToEnd() throws IOException {
        partial.setLength(0);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            position = channel.size();
        } catch (NoSuchFileException e) {
            position = 0;
        }
    }

    boolean atStart() {
        return position == 0;
    }

    /** The lines that were finished since the last call, oldest first. */
    List<String> next() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return read(channel);
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private List<String> read(FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < position) {
            // The log was begun anew.
            position = 0;
            partial.setLength(0);
        }
        if (size - position > PIECE_BYTES) {
            position = size - PIECE_BYTES;
            partial.setLength(0);
        }
        ByteBuffer buffer = ByteBuffer.allocate((int) (size - position));
        while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) > 0) {
            // until all that was there is read
        }
        position += buffer.position();
        return split(new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1));
    }

    private List<String> split(String text) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
            append(text, start, end);
            lines.add(partial.toString());
            partial.setLength(0);
            start = end + 1;
        }
        append(text, start, text.length());
        return lines;
    }

    private void append(String text, int start, int end) {
        int room = LINE_LIMIT - partial.length();
        partial.append(text, start, Math.min(end, start + Math.max(0, room)));
    }
}
