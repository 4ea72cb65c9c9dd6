package io.longhaul.engine.canary;

import com.tngtech.archunit.core.domain.JavaClasses;

/** Breaks every rule of ArchitectureTest once, so that a rule that finds nothing is found out. */
final class PlantedHelper {
    private PlantedHelper() {}

    static long readsTheClock() {
        return System.nanoTime();
    }

    static int usesALibraryThatTheEngineMayNot(JavaClasses classes) {
        return classes.size();
    }
}
