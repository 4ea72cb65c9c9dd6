package io.longhaul.engine.storage;

import io.longhaul.engine.transport.LinkException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/** Both ends of one disk's transfer, in one try. Owned by the simulation. */
final class SimulatedMove {
    final DiskSender sender;
    final DiskReceiver receiver;
    private final SeedTeller teller;
    private final SimulatedDisk source;
    private final SimulatedDisk destination;
    private final List<StorageException> failures = new ArrayList<>();

    SimulatedMove(
            SimulatedDisk source,
            SimulatedDisk destination,
            SimulatedLink link,
            DiskSenderSettings senderSettings,
            DiskReceiverSettings receiverSettings,
            LongSupplier nanoTime) {
        this.source = source;
        this.destination = destination;
        receiver = new DiskReceiver(destination, receiverSettings, nanoTime, failures::add);
        sender = new DiskSender(source, link.data(receiver), senderSettings, failures::add);
        teller = receiver.newTeller(link.returned(sender.returns()));
    }

    void tellMore() {
        try {
            if (!teller.ended() && teller.hasRoom()) {
                teller.step();
            }
        } catch (LinkException e) {
            throw new AssertionError("a stream without a window has no room", e);
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts here", e);
        }
    }

    void stop() {
        sender.stop();
        receiver.stop();
    }

    void check(long frames) {
        DiskSimulation.check(failures.isEmpty(), "failed: " + failures);
        DiskSimulation.check(receiver.appliedFrames() == frames, "more frames were applied than sent");
        int difference = Arrays.mismatch(destination.content, source.content);
        DiskSimulation.check(
                difference == -1, "the disks of " + source.content.length + " bytes differ at " + difference);
    }

    void checkSettled() {
        DiskCounters counters = sender.counters();
        DiskSimulation.check(counters.remainingBytes() == 0, "something remains: " + counters);
        DiskSimulation.check(counters.doneBytes() == source.content.length, "not all is done: " + counters);
    }
}
