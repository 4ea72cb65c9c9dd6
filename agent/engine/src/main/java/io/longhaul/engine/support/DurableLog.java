package io.longhaul.engine.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A file of lines to which lines are appended; a returned {@link #append} has reached the disk. Thread safe.
 *
 * <p>Each line is stored as {@code <CRC32C in 8 hexadecimal digits> <text>\n}. A line that a crash left half written is
 * the last one; it is not read and the next append starts on a fresh line after the last whole one.
 */
public final class DurableLog {
    private static final int CHECKSUM_DIGITS = 8;

    private final Path file;

    public DurableLog(Path file) {
        this.file = file;
    }

    /** @param text without line breaks */
    public synchronized void append(String text) throws IOException {
        boolean created = Files.notExists(file);
        long end = wholeBytes();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.truncate(end);
            channel.position(end);
            ByteBuffer line = ByteBuffer.wrap((checksum(text) + " " + text + "\n").getBytes(UTF_8));
            while (line.hasRemaining()) {
                channel.write(line);
            }
            channel.force(true);
        }
        if (created) {
            syncFolder(file.toAbsolutePath().resolveSibling(""));
        }
    }

    /** The whole lines, oldest first; none where there is no file. */
    public synchronized List<String> lines() throws IOException {
        List<String> lines = new ArrayList<>();
        if (Files.notExists(file)) {
            return lines;
        }
        for (String line : Files.readString(file).split("\n", -1)) {
            if (!whole(line)) {
                break;
            }
            lines.add(line.substring(CHECKSUM_DIGITS + 1));
        }
        return lines;
    }

    public synchronized void delete() throws IOException {
        Files.deleteIfExists(file);
        syncFolder(file.toAbsolutePath().resolveSibling(""));
    }

    private long wholeBytes() throws IOException {
        long bytes = 0;
        for (String line : lines()) {
            bytes += CHECKSUM_DIGITS + 1 + line.getBytes(UTF_8).length + 1;
        }
        return bytes;
    }

    private static boolean whole(String line) {
        return line.length() > CHECKSUM_DIGITS && line.startsWith(checksum(line.substring(CHECKSUM_DIGITS + 1)) + " ");
    }

    private static String checksum(String text) {
        CRC32C checksum = new CRC32C();
        checksum.update(text.getBytes(UTF_8));
        return String.format("%08x", checksum.getValue());
    }

    /** A new or removed name is only durable once its folder is. */
    private static void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
