package io.longhaul.agent.wiring;

import io.longhaul.agent.reporting.Heartbeats;
import io.longhaul.agent.vms.Machines;
import io.longhaul.hypervisor.qemu.GuestEndListener;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;

/**
 * Hears of guests that ended, notes those that switched themselves off, and has the control plane told. Thread safe; the
 * work is done on a thread of its own, for the caller's must not block.
 */
final class GuestEnds implements GuestEndListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GuestEnds.class);

    /** QEMU's word for a guest that did it itself. */
    private static final String SWITCHED_OFF = "guest-shutdown";

    private final ObjectProvider<Machines> machines;
    private final ObjectProvider<Heartbeats> heartbeats;
    private final ExecutorService executor = Executors.newSingleThreadExecutor(AgentThreads.named("guest-ends"));

    GuestEnds(ObjectProvider<Machines> machines, ObjectProvider<Heartbeats> heartbeats) {
        this.machines = machines;
        this.heartbeats = heartbeats;
    }

    @Override
    public void guestEnded(UUID guest, String reason) {
        LOG.info("The QEMU of the guest {} ended: {}", guest, reason);
        executor.execute(() -> {
            if (reason.equals(SWITCHED_OFF)) {
                machines.getObject().onPoweredOff(guest);
            }
            heartbeats.getObject().soon();
        });
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
