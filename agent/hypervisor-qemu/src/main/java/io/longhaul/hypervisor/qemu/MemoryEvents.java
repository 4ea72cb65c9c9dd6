package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.GuestEvents;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.hypervisor.qemu.qmp.QmpEvent;
import io.longhaul.hypervisor.qemu.qmp.QmpListener;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Translates QEMU's events into the port's. Owned by the event thread, but for {@link #expectEnd()} and
 * {@link #expectMemoryEnd}, which any thread may call. Events it does not know are only taken as a reason to ask QEMU
 * again.
 */
final class MemoryEvents implements QmpListener {
    private final GuestEvents events;
    private final EventSignal signal;
    private final Runnable completed;
    private final Consumer<QmpEvent> others;
    private final Supplier<List<Path>> logs;
    private volatile Supplier<String> errorWords = () -> "";
    private volatile boolean endExpected;
    private volatile boolean memoryEndExpected;
    private String shutdownReason = "";

    /**
     * @param completed what the end of the memory stream means on this side
     * @param others takes every other event
     * @param logs where more may stand of a QEMU that has ended
     */
    MemoryEvents(
            GuestEvents events,
            EventSignal signal,
            Runnable completed,
            Consumer<QmpEvent> others,
            Supplier<List<Path>> logs) {
        this.events = events;
        this.signal = signal;
        this.completed = completed;
        this.others = others;
        this.logs = logs;
    }

    /** QEMU's event says only that the stream failed; the words are asked for. */
    void askFor(Monitor monitor) {
        errorWords = () -> words(monitor);
    }

    private static String words(Monitor monitor) {
        try {
            return monitor.migration().errorDesc().orElse("");
        } catch (HypervisorException e) {
            return e.getMessage() == null ? "" : e.getMessage();
        }
    }

    /** From now on the end of QEMU is our own doing. */
    void expectEnd() {
        endExpected = true;
    }

    /** Whether a failure of the memory stream is our own doing from now on. */
    void expectMemoryEnd(boolean expected) {
        memoryEndExpected = expected;
    }

    @Override
    public void event(QmpEvent event) {
        switch (event.name()) {
            case "MIGRATION" -> memory(event.text("status"));
            case "SHUTDOWN" -> shutdownReason = event.text("reason");
            default -> others.accept(event);
        }
        signal.signal();
    }

    private void memory(String status) {
        switch (status) {
            case "pre-switchover" -> reportSwitchover();
            case "completed" -> reportCompletion();
            case "failed", "cancelled" -> reportFailure(status);
            default -> signal.signal();
        }
    }

    private void reportSwitchover() {
        if (!memoryEndExpected) {
            events.switchoverReady();
        }
    }

    private void reportCompletion() {
        if (!memoryEndExpected) {
            completed.run();
        }
    }

    private void reportFailure(String status) {
        if (!memoryEndExpected) {
            String words = errorWords.get();
            events.memoryFailed(words.isEmpty() ? "QEMU says: " + status : words);
        }
    }

    @Override
    public void disconnected(String reason) {
        signal.signal();
        if (!endExpected) {
            events.guestGone(QemuEnd.words(shutdownReason, reason, logs.get()));
        }
    }
}
