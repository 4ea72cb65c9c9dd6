package io.longhaul.controlplane.execution;

/** Breaks a rule of ArchitectureTest on purpose; here, because the field is this package's. Never run. */
final class ChangesThePhase {

    private ChangesThePhase() {}

    static void change(MigrationEntity migration) {
        migration.phase = MigrationPhase.COMPLETED;
    }
}
