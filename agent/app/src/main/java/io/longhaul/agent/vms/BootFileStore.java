package io.longhaul.agent.vms;

import io.longhaul.agent.files.DurableFiles;
import io.longhaul.agent.vms.VmRecord.StoredBootFile;
import io.longhaul.api.agent.model.BootFileKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Boot files named by the SHA-256 of their content, so that they stay what they were and travel with their machine.
 * Thread safe; what a returned call stored has reached the disk.
 */
public final class BootFileStore {
    private static final Logger LOG = LoggerFactory.getLogger(BootFileStore.class);
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Path folder;
    private final long limitBytes;

    public BootFileStore(Path dataFolder, long limitBytes) throws IOException {
        this.folder = dataFolder.resolve("boot-files");
        this.limitBytes = limitBytes;
        Files.createDirectories(folder);
        try (DirectoryStream<Path> unfinished = Files.newDirectoryStream(folder, "*.unfinished")) {
            for (Path file : unfinished) {
                Files.deleteIfExists(file);
            }
        }
    }

    public Path path(StoredBootFile file) {
        return folder.resolve(file.sha256());
    }

    public boolean has(StoredBootFile file) throws IOException {
        return Files.isRegularFile(path(file)) && Files.size(path(file)) == file.sizeBytes();
    }

    /** Stores what the stream gives; reads no more than the limit. */
    public StoredBootFile store(BootFileKind kind, InputStream content) throws IOException {
        Path unfinished = Files.createTempFile(folder, kind.getValue(), DurableFiles.UNFINISHED_SUFFIX);
        try {
            MessageDigest digest = sha256();
            long sizeBytes = copy(content, unfinished, digest);
            StoredBootFile stored = new StoredBootFile(kind, HexFormat.of().formatHex(digest.digest()), sizeBytes);
            DurableFiles.publish(unfinished, path(stored));
            return stored;
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    private long copy(InputStream content, Path file, MessageDigest digest) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long sizeBytes = 0;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                OutputStream out = new DigestOutputStream(Channels.newOutputStream(channel), digest)) {
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                sizeBytes += count;
                if (sizeBytes > limitBytes) {
                    throw new IOException("it is larger than longhaul.agent.boot-file-limit, " + limitBytes + " bytes");
                }
                out.write(buffer, 0, count);
            }
            channel.force(true);
        }
        return sizeBytes;
    }

    /** Removes every file that is not among those in use. No file may be on its way into use meanwhile. */
    void sweep(Set<String> sha256InUse) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (!name.endsWith(DurableFiles.UNFINISHED_SUFFIX) && !sha256InUse.contains(name)) {
                    DurableFiles.delete(file);
                }
            }
        } catch (IOException e) {
            LOG.warn("Boot files that no machine uses stay in {}: {}", folder, e.toString());
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }
}
