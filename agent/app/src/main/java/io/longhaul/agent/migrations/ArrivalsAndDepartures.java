package io.longhaul.agent.migrations;

import io.longhaul.agent.vms.PassingMachines;
import io.longhaul.agent.vms.VmRecord;
import io.longhaul.engine.session.MigrationEngine;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Both kinds of records together. A departure whose migration the engine has forgotten and that is still on record is one
 * whose disks were to stay. Thread safe.
 */
public final class ArrivalsAndDepartures implements PassingMachines {
    private final MigrationEngine engine;
    private final Arrivals arrivals;
    private final Departures departures;

    public ArrivalsAndDepartures(MigrationEngine engine, Arrivals arrivals, Departures departures) {
        this.engine = engine;
        this.arrivals = arrivals;
        this.departures = departures;
    }

    @Override
    public Set<Path> disksOfOthers(UUID machine) {
        Set<Path> files = new HashSet<>(arrivals.disks());
        departures.all().stream()
                .filter(departure -> !isEarlierStay(departure, machine))
                .forEach(departure -> departure.machine().disks().forEach(disk -> files.add(disk.path())));
        return files;
    }

    @Override
    public List<VmRecord> earlierStays(UUID machine) {
        return departures.all().stream()
                .filter(departure -> isEarlierStay(departure, machine))
                .sorted(Comparator.comparingLong(DepartureRecord::epoch).reversed())
                .map(DepartureRecord::machine)
                .toList();
    }

    private boolean isEarlierStay(DepartureRecord departure, UUID machine) {
        return departure.machine().id().equals(machine)
                && engine.find(departure.migrationId()).isEmpty();
    }
}
