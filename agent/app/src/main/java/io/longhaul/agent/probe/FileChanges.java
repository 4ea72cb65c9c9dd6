package io.longhaul.agent.probe;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Waits until a file may have changed, told by the kernel. Owned by one thread, except {@link #close()}. Changes of
 * other files in the folder wake it too.
 */
final class FileChanges implements AutoCloseable {
    private final WatchService service;

    FileChanges(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        service = FileSystems.getDefault().newWatchService();
        try {
            var unused = (folder == null ? Path.of("/") : folder)
                    .register(service, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_CREATE);
        } catch (IOException e) {
            service.close();
            throw e;
        }
    }

    /** Returns at a change or when the time is over. Changes since the last call count. */
    void await(Duration limit) throws InterruptedException {
        WatchKey key = service.poll(Math.max(0, limit.toNanos()), TimeUnit.NANOSECONDS);
        if (key != null) {
            key.pollEvents();
            key.reset();
        }
    }

    @Override
    public void close() throws IOException {
        service.close();
    }
}
