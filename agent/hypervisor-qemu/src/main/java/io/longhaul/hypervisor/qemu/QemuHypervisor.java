package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.DestinationGuest;
import io.longhaul.engine.hypervisor.DiskSeeds;
import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestEvents;
import io.longhaul.engine.hypervisor.Hypervisor;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.engine.hypervisor.SourceGuest;
import io.longhaul.engine.ledger.Ledger;
import io.longhaul.engine.ledger.Ledger.Artefact.FileArtefact;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** QEMU on this machine as source and destination of migrations. Thread safe. */
public final class QemuHypervisor implements Hypervisor {
    private static final Logger log = LoggerFactory.getLogger(QemuHypervisor.class);

    private final QemuSettings settings;
    private final QemuLauncher launcher;
    private final ThreadFactory threads;
    private final KeptDisks keptDisks = new KeptDisks(InstantSource.system(), KeptDisks.KEPT_FOR);

    /**
     * @param accelerator one that works here, see {@link QemuInventory}
     * @param threads makes the threads of QMP connections and of the mirrors' server
     */
    public QemuHypervisor(QemuSettings settings, Accelerator accelerator, ThreadFactory threads) {
        this.settings = settings;
        this.launcher = new QemuLauncher(settings, accelerator);
        this.threads = threads;
    }

    @Override
    public SourceGuest openSource(GuestDefinition definition, Ledger ledger, GuestEvents events)
            throws HypervisorException {
        requireAlive(definition);
        return QemuSourceGuest.open(definition, ledger, events, settings, threads);
    }

    private void requireAlive(GuestDefinition definition) throws HypervisorException {
        GuestPaths paths = GuestPaths.of(settings, definition.id());
        if (!new QemuProcess(paths.pidFile()).isAlive()) {
            throw new HypervisorException(Code.GUEST_GONE, "guest " + definition.id() + " has no QEMU here");
        }
    }

    @Override
    public DestinationGuest openDestination(
            GuestDefinition definition, DiskSeeds seeds, Ledger ledger, GuestEvents events) throws HypervisorException {
        return QemuDestinationGuest.open(
                definition,
                seeds,
                ledger,
                events,
                new QemuDestinationGuest.Host(settings, launcher, keptDisks, threads));
    }

    @Override
    public DestinationGuest reopenDestination(GuestDefinition definition, Ledger ledger, GuestEvents events)
            throws HypervisorException {
        requireAlive(definition);
        return QemuDestinationGuest.reopen(definition, ledger, events, settings, threads);
    }

    @Override
    public void settle(GuestDefinition definition, Ledger ledger) throws HypervisorException {
        LedgerFiles files = new LedgerFiles(ledger);
        GuestPaths paths = GuestPaths.of(settings, definition.id());
        files.release(new QemuProcess(paths.pidFile()).artefact());
        for (Path file : paths.ofMachine()) {
            files.release(file);
        }
        for (Disk disk : definition.disks()) {
            files.release(disk.file());
        }
    }

    @Override
    public List<String> keepPartialDisks(GuestDefinition definition, Set<String> disks, Ledger ledger)
            throws HypervisorException {
        LedgerFiles files = new LedgerFiles(ledger);
        endProcess(definition, ledger);
        List<String> told = new ArrayList<>();
        for (Disk disk : definition.disks()) {
            if (disks.contains(disk.name()) && ledger.outstanding().contains(new FileArtefact(disk.file()))) {
                try {
                    keep(definition, disk, files).ifPresent(told::add);
                } catch (HypervisorException e) {
                    log.warn("{}: disk {} is not kept: {}", definition.id(), disk.name(), e.getMessage());
                }
            }
        }
        return told;
    }

    private Optional<String> keep(GuestDefinition definition, Disk disk, LedgerFiles files) throws HypervisorException {
        Optional<String> told = keptDisks
                .keep(definition.id(), disk)
                .map(kept -> "What came of disk " + disk.name() + " is kept as " + kept + " for "
                        + KeptDisks.KEPT_FOR.toHours() + " hours, for the next try.");
        files.release(disk.file());
        return told;
    }

    @Override
    public void giveBackDisks(GuestDefinition definition, Map<String, Path> formerFiles, Ledger ledger)
            throws HypervisorException {
        LedgerFiles files = new LedgerFiles(ledger);
        endProcess(definition, ledger);
        for (Map.Entry<String, Path> former : formerFiles.entrySet()) {
            Disk disk = disk(definition, former.getKey());
            if (ledger.outstanding().contains(new FileArtefact(disk.file()))) {
                try {
                    ArrivingDisks.giveBack(disk, former.getValue(), files);
                } catch (HypervisorException e) {
                    log.warn("{}: disk {} is not given back: {}", definition.id(), disk.name(), e.getMessage());
                }
            }
        }
    }

    private void endProcess(GuestDefinition definition, Ledger ledger) throws HypervisorException {
        QemuProcess process =
                new QemuProcess(GuestPaths.of(settings, definition.id()).pidFile());
        if (ledger.outstanding().contains(process.artefact())) {
            process.kill();
        }
    }

    static Disk disk(GuestDefinition definition, String name) throws HypervisorException {
        return definition.disks().stream()
                .filter(disk -> disk.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new HypervisorException(
                        Code.COMMAND_FAILED, "guest " + definition.id() + " has no disk " + name));
    }
}
