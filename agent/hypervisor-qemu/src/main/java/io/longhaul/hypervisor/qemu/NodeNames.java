package io.longhaul.hypervisor.qemu;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * What things are called inside QEMU. Pure. What a machine always has is named after the disk; what a migration adds
 * starts with {@link #MIGRATION}, so that an agent that knows nothing any more can find and remove it.
 */
final class NodeNames {
    static final String MIGRATION = "longhaul-";

    static final String MIRROR = MIGRATION + "t-";

    private static final int LONGEST_PLAIN_NAME = 18;

    private NodeNames() {}

    static String disk(String disk) {
        return "disk-" + plain(disk);
    }

    static String file(String disk) {
        return "file-" + plain(disk);
    }

    static String device(String disk) {
        return "device-" + plain(disk);
    }

    static String export(String disk) {
        return MIGRATION + "e-" + plain(disk);
    }

    static String mirrorNode(String disk) {
        return MIRROR + plain(disk);
    }

    static String mirrorJob(String disk) {
        return MIGRATION + "m-" + plain(disk);
    }

    static String overlay(String disk) {
        return MIGRATION + "o-" + plain(disk);
    }

    static String filter(String disk) {
        return MIGRATION + "c-" + plain(disk);
    }

    static String snapshot(String disk) {
        return MIGRATION + "s-" + plain(disk);
    }

    /** A node's name has 31 bytes at most and few characters; other disks' names are replaced by a digest of them. */
    private static String plain(String disk) {
        if (disk.matches("[A-Za-z0-9][A-Za-z0-9._-]*") && disk.length() <= LONGEST_PLAIN_NAME) {
            return disk;
        }
        String digest =
                UUID.nameUUIDFromBytes(disk.getBytes(StandardCharsets.UTF_8)).toString();
        return "x" + digest.replace("-", "").substring(0, LONGEST_PLAIN_NAME - 1);
    }
}
