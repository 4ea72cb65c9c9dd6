package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.GuestDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What can be told of a QEMU that has ended. It is no child of the agent, so that guests outlive their agent; its exit
 * status, and with it a signal's number, goes to another. Stateless; looks at files.
 */
final class QemuEnd {
    /** QEMU's word for a signal that it could still tell of. */
    private static final String SIGNALLED = "host-signal";

    private QemuEnd() {}

    /**
     * @param shutdownReason of its SHUTDOWN event; empty where there was none
     * @param connectionReason how its monitor's connection ended
     * @param logs where more may stand
     */
    static String words(String shutdownReason, String connectionReason, List<Path> logs) {
        return said(shutdownReason, connectionReason) + whereMoreStands(logs);
    }

    private static String said(String shutdownReason, String connectionReason) {
        if (shutdownReason.equals(SIGNALLED)) {
            return "QEMU ended: " + SIGNALLED + " (SIGTERM, SIGINT or SIGHUP)";
        }
        if (!shutdownReason.isEmpty()) {
            return "QEMU ended: " + shutdownReason;
        }
        return "QEMU ended without a word (its monitor: " + connectionReason
                + "), as one does that crashes or gets SIGKILL,"
                + " which the kernel sends where memory runs out: the kernel's log tells of both (journalctl -k)."
                + " QEMU is not the agent's child, so its exit status is not known";
    }

    private static String whereMoreStands(List<Path> logs) {
        StringBuilder words = new StringBuilder();
        for (Path log : logs) {
            words.append(words.isEmpty() ? "; more may stand in " : " and ").append(log);
        }
        return words.toString();
    }

    /** Of this guest's logs, those that hold anything: what QEMU said as it started, and the guest's console. */
    static List<Path> logs(GuestPaths paths, GuestDefinition definition) {
        List<Path> logs = new ArrayList<>();
        logs.add(paths.startLog());
        definition.serialLog().ifPresent(logs::add);
        logs.removeIf(log -> !holdsAnything(log));
        return logs;
    }

    private static boolean holdsAnything(Path log) {
        try {
            return Files.size(log) > 0;
        } catch (IOException e) {
            return false;
        }
    }
}
