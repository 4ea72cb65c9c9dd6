package io.longhaul.agent.fakes;

import io.longhaul.agent.vms.GuestHost;
import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Guests that are only noted. Thread safe. */
public final class FakeGuestHost implements GuestHost {
    public final Map<UUID, GuestState> states = new ConcurrentHashMap<>();
    public final List<GuestDefinition> started = new CopyOnWriteArrayList<>();
    public volatile boolean failsToStart;
    public volatile boolean failsToMakeImages;
    public volatile boolean ignoresPowerButton;

    @Override
    public void start(GuestDefinition guest) throws HypervisorException {
        if (failsToStart) {
            throw new HypervisorException(Code.START_FAILED, "qemu: no such option");
        }
        started.add(guest);
        states.put(guest.id(), GuestState.RUNNING);
    }

    @Override
    public void stop(UUID guestId, boolean force, Duration timeout) throws HypervisorException {
        if (ignoresPowerButton && !force) {
            throw new HypervisorException(Code.TIMED_OUT, "still running");
        }
        states.remove(guestId);
    }

    @Override
    public GuestState state(UUID guestId) {
        return states.getOrDefault(guestId, GuestState.ABSENT);
    }

    @Override
    public Set<UUID> running() {
        return Set.copyOf(states.keySet());
    }

    @Override
    public long residentBytes(UUID guestId) {
        return 0;
    }

    @Override
    public void createImage(Path file, GuestDefinition.DiskFormat format, long sizeBytes) throws HypervisorException {
        if (failsToMakeImages) {
            throw new HypervisorException(Code.NO_SPACE, "No space left on device");
        }
        try (RandomAccessFile image = new RandomAccessFile(file.toFile(), "rw")) {
            image.setLength(sizeBytes);
        } catch (IOException e) {
            throw new HypervisorException(Code.DISK_FAILED, e.toString(), e);
        }
    }

    @Override
    public long imageSizeBytes(Path file, GuestDefinition.DiskFormat format) throws HypervisorException {
        throw new HypervisorException(Code.DISK_FAILED, "Image is not in qcow2 format");
    }
}
