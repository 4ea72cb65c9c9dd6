package io.longhaul.agent.canary;

import io.longhaul.controlplane.canary.NotTheAgents;
import io.longhaul.hypervisor.qemu.QemuSettings;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;

/** Breaks the rules of ArchitectureTest, so that a rule that finds nothing is found out. In no package with its marks. */
final class PlantedHelper {
    @Autowired
    @Value("${planted:}")
    String injected = "";

    static int usesTheControlPlane() {
        return NotTheAgents.answer();
    }

    static QemuSettings namesQemu() {
        return QemuSettings.defaults(Path.of("nowhere"));
    }

    static long readsTheClock() {
        return System.nanoTime();
    }

    static String readsTheEnvironment() {
        return System.getProperty("planted", "");
    }

    static void sleeps() throws InterruptedException {
        Thread.sleep(0);
    }

    /** Is no record. */
    static final class PlantedSettings {}
}
