package io.longhaul.agent.vms;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Reads the end of a serial log, whatever its size. Has no state. */
final class SerialLogTail {

    private SerialLogTail() {}

    /** At most that many bytes; empty where there is no log. Bytes that are no UTF-8 are replaced. */
    static String read(@Nullable String file, int tailBytes) {
        if (file == null) {
            return "";
        }
        try (FileChannel channel = FileChannel.open(Path.of(file), StandardOpenOption.READ)) {
            long size = channel.size();
            int length = (int) Math.min(size, tailBytes);
            ByteBuffer buffer = ByteBuffer.allocate(length);
            int count = 0;
            while (buffer.hasRemaining() && count >= 0) {
                count = channel.read(buffer, size - length + buffer.position());
            }
            return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file + ": " + e.getMessage(), e);
        }
    }
}
