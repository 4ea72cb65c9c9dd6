package io.longhaul.bench.wan;

import io.longhaul.bench.cluster.Folders;
import io.longhaul.bench.guest.CheckedGuest;
import io.longhaul.bench.guest.GuestFiles;
import io.longhaul.client.model.DiskDefinition;
import io.longhaul.client.model.VmDefinition;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SplittableRandom;

/** The guest with the workload, the same for both sides. Immutable; its files belong to the benchmark. */
record WorkGuest(GuestFiles files, Workload workload, int memoryMebibytes) {
    static final String DISK_NAME = "root";

    private static final int BLOCK_BYTES = 1 << 20;
    private static final long MEBIBYTE = 1 << 20;
    private static final long BALLAST_SEED = 20_260_714;

    /** Builds it into the folder. */
    static WorkGuest build(WanOptions options, Path folder) {
        Folders.make(folder);
        GuestFiles files = GuestFiles.build(
                options.checkout(),
                folder,
                folder.resolve("build.log"),
                List.of("--disk-size", Long.toString(options.diskMebibytes() * MEBIBYTE)));
        appendBallast(files.disk(), options.workload().ballastBytes());
        options.extras().diskBytes().ifPresent(bytes -> appendHole(files.disk(), bytes));
        return new WorkGuest(files, options.workload(), options.memoryMebibytes());
    }

    private static void appendHole(Path disk, long bytes) {
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            if (file.length() < bytes) {
                file.setLength(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The disk " + disk + " could not be made longer: " + e.getMessage(), e);
        }
    }

    private static void appendBallast(Path disk, long bytes) {
        SplittableRandom random = new SplittableRandom(BALLAST_SEED);
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            for (long written = 0; written < bytes; written += BLOCK_BYTES) {
                block.clear();
                while (block.hasRemaining()) {
                    block.putLong(random.nextLong());
                }
                block.flip();
                while (block.hasRemaining()) {
                    channel.write(block);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The disk " + disk + " could not be filled: " + e.getMessage(), e);
        }
    }

    /** A disk as the guest finds it at its first boot. */
    void copyDisk(Path copy) {
        Commands.run("cp", "--reflink=auto", "--sparse=always", files.disk().toString(), copy.toString());
    }

    /** It may be large; kernel and initial RAM disk stay. */
    void removeDisk() {
        try {
            Files.deleteIfExists(files.disk());
        } catch (IOException e) {
            throw new UncheckedIOException("The disk " + files.disk() + " could not be removed: " + e.getMessage(), e);
        }
    }

    /** What a disk holds, holes not counted. */
    static long allocatedBytes(Path disk) {
        String output = Commands.run("stat", "--format=%b %B", disk.toString()).strip();
        String[] blocks = output.split(" ", 2);
        return Long.parseLong(blocks[0]) * Long.parseLong(blocks[1]);
    }

    /** An empty disk of the same size. */
    void emptyDisk(Path disk) {
        try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), Files.size(files.disk()) - 1);
        } catch (IOException e) {
            throw new UncheckedIOException("The disk " + disk + " could not be made: " + e.getMessage(), e);
        }
    }

    VmDefinition definition(String name, String diskFile) {
        DiskDefinition disk = new DiskDefinition().name(DISK_NAME).existingFile(diskFile);
        return new CheckedGuest(name, memoryMebibytes, List.of(disk), workload.load()).definition(files);
    }

    /** The same files, and nothing to move: it is never started. */
    VmDefinition residentDefinition(String name) {
        return new CheckedGuest(name, memoryMebibytes, List.of(), workload.load()).definition(files);
    }
}
