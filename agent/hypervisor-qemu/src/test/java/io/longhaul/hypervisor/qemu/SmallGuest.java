package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.Boot;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The definition of a guest that is never started, for tests of what is around it. Stateless. */
final class SmallGuest {
    private SmallGuest() {}

    static GuestDefinition with(Disk... disks) {
        return of(List.of(disks), Optional.empty());
    }

    static GuestDefinition of(List<Disk> disks, Optional<Path> serialLog) {
        return new GuestDefinition(
                new UUID(1, 2),
                "guest",
                1,
                1 << 20,
                "pc",
                "qemu64",
                new Boot(Optional.empty(), Optional.empty(), Optional.empty(), ""),
                disks,
                List.of(),
                serialLog);
    }
}
