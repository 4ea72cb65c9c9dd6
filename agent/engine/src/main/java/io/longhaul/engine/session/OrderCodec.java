package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.Boot;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import io.longhaul.engine.hypervisor.GuestDefinition.NetworkInterface;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * What a side must know of its order after a restart of the agent, as bytes for its journal. Pure. The token is left out: a
 * secret does not belong in a file, and no restart needs it.
 */
final class OrderCodec {
    private static final int VERSION = 1;

    private OrderCodec() {}

    /** What both kinds of order have in common and a restart needs. */
    record Kept(GuestDefinition guest, TransferPolicy policy) {}

    static byte[] encode(GuestDefinition guest, TransferPolicy policy) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            writeGuest(out, guest);
            out.writeLong(policy.downtimeLimit().toMillis());
            out.writeLong(policy.maxBytesPerSecond().orElse(0));
            out.writeBoolean(policy.verifyDisks());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static Kept decode(byte[] bytes) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IOException("A journal of version " + version + ", but this agent reads " + VERSION);
            }
            GuestDefinition guest = readGuest(in);
            Duration downtimeLimit = Duration.ofMillis(in.readLong());
            long rate = in.readLong();
            return new Kept(
                    guest,
                    new TransferPolicy(
                            downtimeLimit, rate == 0 ? OptionalLong.empty() : OptionalLong.of(rate), in.readBoolean()));
        } catch (IllegalArgumentException e) {
            throw new IOException("A journal that no agent of this version wrote: " + e.getMessage(), e);
        }
    }

    private static void writeGuest(DataOutputStream out, GuestDefinition guest) throws IOException {
        out.writeUTF(guest.id().toString());
        out.writeUTF(guest.name());
        out.writeInt(guest.vcpus());
        out.writeLong(guest.memoryBytes());
        out.writeUTF(guest.machineType());
        out.writeUTF(guest.cpuModel());
        writePath(out, guest.boot().firmware());
        writePath(out, guest.boot().kernel());
        writePath(out, guest.boot().initrd());
        out.writeUTF(guest.boot().commandLine());
        out.writeInt(guest.disks().size());
        for (Disk disk : guest.disks()) {
            out.writeUTF(disk.name());
            out.writeUTF(disk.file().toString());
            out.writeUTF(disk.format().name());
            out.writeLong(disk.sizeBytes());
        }
        out.writeInt(guest.networkInterfaces().size());
        for (NetworkInterface networkInterface : guest.networkInterfaces()) {
            out.writeUTF(networkInterface.macAddress());
            out.writeUTF(networkInterface.bridge().orElse(""));
        }
        writePath(out, guest.serialLog());
    }

    private static GuestDefinition readGuest(DataInputStream in) throws IOException {
        UUID id = UUID.fromString(in.readUTF());
        String name = in.readUTF();
        int vcpus = in.readInt();
        long memoryBytes = in.readLong();
        String machineType = in.readUTF();
        String cpuModel = in.readUTF();
        Boot boot = new Boot(readPath(in), readPath(in), readPath(in), in.readUTF());
        return new GuestDefinition(
                id,
                name,
                vcpus,
                memoryBytes,
                machineType,
                cpuModel,
                boot,
                readDisks(in),
                readNetworkInterfaces(in),
                readPath(in));
    }

    private static List<Disk> readDisks(DataInputStream in) throws IOException {
        List<Disk> disks = new ArrayList<>();
        int count = in.readInt();
        for (int index = 0; index < count; index++) {
            disks.add(new Disk(in.readUTF(), Path.of(in.readUTF()), DiskFormat.valueOf(in.readUTF()), in.readLong()));
        }
        return disks;
    }

    private static List<NetworkInterface> readNetworkInterfaces(DataInputStream in) throws IOException {
        List<NetworkInterface> networkInterfaces = new ArrayList<>();
        int count = in.readInt();
        for (int index = 0; index < count; index++) {
            networkInterfaces.add(
                    new NetworkInterface(in.readUTF(), Optional.of(in.readUTF()).filter(name -> !name.isEmpty())));
        }
        return networkInterfaces;
    }

    private static void writePath(DataOutputStream out, Optional<Path> path) throws IOException {
        out.writeUTF(path.map(Path::toString).orElse(""));
    }

    private static Optional<Path> readPath(DataInputStream in) throws IOException {
        return Optional.of(in.readUTF()).filter(text -> !text.isEmpty()).map(Path::of);
    }
}
