package io.longhaul.testkit.hypervisor;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.Boot;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import io.longhaul.engine.hypervisor.Hypervisor;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.ledger.Ledger.Artefact.ProcessArtefact;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Two simulated hosts and a guest that works when it is asked to. */
public final class FakeStage implements HypervisorStage {
    private static final int STEPS = 50;
    /** Enough to have something in every part of the disk. */
    private static final int STEPS_BEFORE = 2000;

    private final UUID guest = new UUID(1, 2);
    private final ExecutorService eventThread = Executors.newSingleThreadExecutor();
    private final FakeHypervisor source = new FakeHypervisor(eventThread);
    private final FakeHypervisor destination = new FakeHypervisor(eventThread);

    public FakeStage() {
        source.start(definition(Side.SOURCE));
        step(Side.SOURCE, STEPS_BEFORE);
    }

    private FakeHypervisor at(Side side) {
        return side == Side.SOURCE ? source : destination;
    }

    @Override
    public Hypervisor hypervisor(Side side) {
        return at(side);
    }

    @Override
    public GuestDefinition definition(Side side) {
        Path folder = Path.of(side.name());
        return new GuestDefinition(
                guest,
                "fake",
                1,
                1 << 20,
                "fake-1.0",
                "fake",
                new Boot(Optional.empty(), Optional.empty(), Optional.empty(), ""),
                List.of(
                        new Disk("root", folder.resolve("root"), DiskFormat.RAW, 16 << 20),
                        new Disk("more", folder.resolve("more"), DiskFormat.RAW, 1 << 16)),
                List.of(),
                Optional.empty());
    }

    @Override
    public void awaitProgress(Side side) throws Exception {
        if (!runs(side)) {
            throw new AssertionError("the guest does not run at " + side);
        }
        step(side, STEPS);
    }

    private void step(Side side, int steps) {
        try {
            at(side).step(guest, steps);
        } catch (IOException | HypervisorException e) {
            throw new AssertionError("the guest cannot work", e);
        }
    }

    @Override
    public boolean runs(Side side) {
        return at(side).runs(guest);
    }

    @Override
    public void requireHealthy(Side side) throws Exception {
        at(side).requireHealthy(guest);
    }

    @Override
    public void kill(Side side) throws Exception {
        at(side).kill(guest);
    }

    @Override
    public boolean isAlive(ProcessArtefact process) {
        return destination.isAlive(process);
    }

    @Override
    public boolean exists(Path file) {
        return destination.exists(file);
    }

    @Override
    public void putForeignFile(Path file) {
        destination.putFile(file, 512);
    }

    @Override
    public void putSeed(Path file, DiskFormat format) throws Exception {
        destination.putCopy(source, definition(Side.SOURCE).disks().get(0).file(), file, 1 << 16);
    }

    /** Of the destination's. */
    public void removeFile(Path file) {
        destination.removeFile(file);
    }

    @Override
    public void close() {
        eventThread.shutdown();
    }
}
