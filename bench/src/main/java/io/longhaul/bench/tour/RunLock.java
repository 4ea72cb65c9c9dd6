package io.longhaul.bench.tour;

import io.longhaul.bench.cluster.ClusterException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Lets one tour use a data folder at a time. Owned by the tour's thread; the system takes the lock back from a dead process. */
final class RunLock implements AutoCloseable {
    private final FileChannel channel;

    private RunLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * @param description what the next one is told who finds the folder taken
     */
    static RunLock take(Path dataFolder, String description) {
        Path file = dataFolder.resolve("tour.lock");
        try {
            Files.createDirectories(dataFolder);
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                channel.close();
                throw new ClusterException("Another ./run uses " + dataFolder + ": " + Files.readString(file)
                        + ". Use that one, end it, or choose another folder and ports: ./run --help");
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(description.getBytes(StandardCharsets.UTF_8)));
            return new RunLock(channel);
        } catch (IOException e) {
            throw new ClusterException("The data folder " + dataFolder + " cannot be used: " + e, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new ClusterException("The lock could not be given back: " + e.getMessage(), e);
        }
    }
}
