package io.longhaul.agent.probe;

import io.longhaul.agent.vms.GuestProbes;
import io.longhaul.agent.vms.VmRecord;
import io.longhaul.api.model.GuestProbe;
import io.longhaul.api.model.GuestProbeKind;
import io.longhaul.api.model.GuestProbeState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the guests tell of themselves, read on from where the last call ended. Thread safe. A failed check makes a guest
 * UNHEALTHY for as long as it writes this log: what was once wrong in its memory or on its disk stays in doubt.
 */
public final class SerialLogProbe implements GuestProbes {
    private static final Logger LOG = LoggerFactory.getLogger(SerialLogProbe.class);

    private final Map<String, Reading> readings = new ConcurrentHashMap<>();

    @Override
    public GuestProbe probe(VmRecord machine) {
        String log = machine.serialLog();
        if (machine.definition().getGuestProbe() != GuestProbeKind.SERIAL || log == null) {
            return new GuestProbe(GuestProbeState.NONE, 0L);
        }
        return readings.computeIfAbsent(log, name -> new Reading(Path.of(name))).now();
    }

    @Override
    public void forget(VmRecord machine) {
        if (machine.serialLog() != null) {
            readings.remove(machine.serialLog());
        }
    }

    /** Thread safe by its lock. */
    private static final class Reading {
        private final LogLines lines;
        private GuestProbeState state = GuestProbeState.WAITING;
        private long checksPassed;
        private @Nullable String lastCheck;

        Reading(Path log) {
            lines = new LogLines(log);
        }

        synchronized GuestProbe now() {
            try {
                lines.next().forEach(line -> GuestLine.parse(line).ifPresent(this::take));
            } catch (IOException e) {
                LOG.debug("A serial log could not be read: {}", e.toString());
            }
            GuestProbe probe = new GuestProbe(state, checksPassed);
            probe.setLastCheck(lastCheck);
            return probe;
        }

        private void take(GuestLine line) {
            switch (line.kind()) {
                case READY -> begin();
                case CHECK_PASSED -> {
                    checksPassed++;
                    lastCheck = line.text();
                    if (state == GuestProbeState.WAITING) {
                        state = GuestProbeState.HEALTHY;
                    }
                }
                case CHECK_FAILED -> {
                    lastCheck = line.text();
                    state = GuestProbeState.UNHEALTHY;
                }
                case TICK, CHECK_BEGAN -> {
                    // say nothing about health
                }
            }
        }

        /** The guest started anew: what it found before is about another life. */
        private void begin() {
            state = GuestProbeState.WAITING;
            checksPassed = 0;
            lastCheck = null;
        }
    }
}
