package io.longhaul.hypervisor.qemu.canary;

import com.tngtech.archunit.core.domain.JavaClasses;

/** Breaks the rules of ArchitectureTest, so that a rule that finds nothing is found out. In no package with its marks. */
final class PlantedHelper {
    private PlantedHelper() {}

    static int usesALibraryThatTheAdapterMayNot(JavaClasses classes) {
        return classes.size();
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
