package io.longhaul.hypervisor.qemu;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import io.longhaul.hypervisor.qemu.qmp.QmpConnection;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The arguments and results of exactly the QMP commands that are used. Camel case here is hyphens there. */
final class QmpMessages {
    private QmpMessages() {}

    static String json(Object message) {
        return QmpConnection.json(message);
    }

    record FileNode(String driver, Optional<String> nodeName, String filename, String discard, Cache cache) {
        static FileNode named(Path file, String nodeName) {
            return new FileNode(
                    "file", Optional.of(nodeName), file.toAbsolutePath().toString(), "unmap", Cache.SAFE);
        }

        static FileNode unnamed(Path file) {
            return new FileNode("file", Optional.empty(), file.toAbsolutePath().toString(), "unmap", Cache.SAFE);
        }
    }

    /** Through the host's page cache, with the guest's flushes carried out. */
    record Cache(boolean direct, boolean noFlush) {
        static final Cache SAFE = new Cache(false, false);
    }

    record DiskNode(String driver, String nodeName, String discard, Cache cache, FileNode file) {
        static DiskNode of(Disk disk, String nodeName, FileNode file) {
            return new DiskNode(driverOf(disk.format()), nodeName, "unmap", Cache.SAFE, file);
        }
    }

    static String driverOf(DiskFormat format) {
        return format.name().toLowerCase(Locale.ROOT);
    }

    record BlockServerStart(LegacyAddress addr) {
        static BlockServerStart on(Path socket) {
            return new BlockServerStart(new LegacyAddress("unix", new UnixPath(socket.toString())));
        }
    }

    record LegacyAddress(String type, UnixPath data) {}

    record UnixPath(String path) {}

    record ExportAdd(String type, String id, String nodeName, String name, boolean writable) {
        static ExportAdd of(String id, String nodeName, boolean writable) {
            return new ExportAdd("nbd", id, nodeName, id, writable);
        }
    }

    record ExportDelete(String id, String mode) {
        static ExportDelete hard(String id) {
            return new ExportDelete(id, "hard");
        }
    }

    record Export(String id, String nodeName, boolean shuttingDown) {}

    record MirrorNode(String driver, String nodeName, UnixAddress server, String export, long reconnectDelay) {}

    record UnixAddress(String type, String path) {}

    record MirrorStart(
            String jobId,
            String device,
            String target,
            String sync,
            String copyMode,
            int granularity,
            String onSourceError,
            String onTargetError) {
        /** Small, so that a small write does not grow on its way; 16 MiB of bitmap for 1 TiB of disk. */
        private static final int GRANULARITY_BYTES = 8192;

        /**
         * In the background, so that no guest's write ever waits for this agent, even one that hangs. An error ends the mirror
         * ({@code report}); the other policies pause or fail the guest.
         */
        static MirrorStart of(String jobId, String device, String target) {
            return new MirrorStart(jobId, device, target, "none", "background", GRANULARITY_BYTES, "report", "report");
        }
    }

    record JobCancel(String device, boolean force) {}

    record Job(String device, String type, String status, boolean ready) {}

    record NodeDelete(String nodeName) {}

    record NodeActive(String nodeName, boolean active) {}

    record Node(String nodeName, @JsonProperty("drv") String driver) {}

    record OverlayNode(String driver, String nodeName, FileNode file) {}

    record CopyBeforeWriteNode(
            String driver, String nodeName, String file, String target, String onCbwError, int cbwTimeout) {
        /** The guest's write goes on where the copy fails or takes longer than this; the frozen state is lost then. */
        static final int MOST_SECONDS_THE_GUEST_WAITS = 5;

        static CopyBeforeWriteNode of(String nodeName, String file, String target) {
            return new CopyBeforeWriteNode(
                    "copy-before-write", nodeName, file, target, "break-snapshot", MOST_SECONDS_THE_GUEST_WAITS);
        }
    }

    record SnapshotNode(String driver, String nodeName, String file) {}

    record PropertySet(String path, String property, String value) {
        static PropertySet drive(String device, String node) {
            return new PropertySet("/machine/peripheral/" + device, "drive", node);
        }
    }

    record PropertyGet(String path, String property) {
        static PropertyGet drive(String device) {
            return new PropertyGet("/machine/peripheral/" + device, "drive");
        }
    }

    record Status(String status, boolean running) {}

    record Capability(String capability, boolean state) {}

    record Capabilities(List<Capability> capabilities) {}

    record MigrationParameters(long maxBandwidth, long availSwitchoverBandwidth, long downtimeLimit) {}

    record Channels(List<Channel> channels) {
        static Channels unix(Path socket) {
            return new Channels(List.of(new Channel("main", new ChannelAddress("socket", "unix", socket.toString()))));
        }
    }

    record Incoming(List<Channel> channels, boolean exitOnError) {
        /** QEMU stays when the stream fails, so that it can be asked why. */
        static Incoming on(Path socket) {
            return new Incoming(Channels.unix(socket).channels(), false);
        }
    }

    record Channel(String channelType, ChannelAddress addr) {}

    record ChannelAddress(String transport, String type, String path) {}

    record MigrationContinue(String state) {}

    record Migration(Optional<String> status, Optional<String> errorDesc, Optional<MigrationMemory> ram) {}

    record MigrationMemory(long total, long remaining, int dirtySyncCount, long dirtyPagesRate, long pageSize) {}

    record Yank(List<YankInstance> instances) {}

    record YankInstance(String type, String nodeName) {}

    record Version(VersionNumber qemu) {}

    record VersionNumber(int major, int minor, int micro) {}

    record CpuDefinition(String name, Optional<List<String>> unavailableFeatures, Optional<Boolean> deprecated) {}

    record Machine(String name, Optional<String> alias, Optional<Boolean> isDefault, Optional<Boolean> deprecated) {}
}
