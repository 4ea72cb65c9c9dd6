package io.longhaul.agent.vms;

import io.longhaul.api.model.DiskFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What an image file's own header says.
 *
 * @param standsAlone false where it reads from another file, which would not travel with it and may lie outside the pool
 */
record ImageFacts(long virtualSizeBytes, boolean standsAlone) {
    /** "QFI\xfb". */
    private static final int QCOW2_MAGIC = 0x514649fb;

    private static final int HEADER_BYTES = 80;
    private static final int BACKING_FILE_OFFSET = 8;
    private static final int VIRTUAL_SIZE_OFFSET = 24;
    private static final int INCOMPATIBLE_FEATURES_OFFSET = 72;
    private static final long EXTERNAL_DATA_FILE = 1 << 2;

    /** Reads the header; the image's lock is not taken, so that it may be in use. */
    static ImageFacts read(Path file, DiskFormat format) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (format == DiskFormat.RAW) {
                return new ImageFacts(channel.size(), true);
            }
            return readQcow2(channel);
        }
    }

    private static ImageFacts readQcow2(FileChannel channel) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        while (header.hasRemaining() && channel.read(header, header.position()) > 0) {
            // until the header is whole or the file ends
        }
        if (header.position() < INCOMPATIBLE_FEATURES_OFFSET || header.getInt(0) != QCOW2_MAGIC) {
            throw new IOException("it does not begin as a qcow2 image does");
        }
        int version = header.getInt(4);
        boolean externalData = version >= 3 && (header.getLong(INCOMPATIBLE_FEATURES_OFFSET) & EXTERNAL_DATA_FILE) != 0;
        boolean backed = header.getLong(BACKING_FILE_OFFSET) != 0;
        return new ImageFacts(header.getLong(VIRTUAL_SIZE_OFFSET), !backed && !externalData);
    }
}
