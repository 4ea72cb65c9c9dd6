package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.Hypervisor;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.ledger.Ledger;
import io.longhaul.engine.ledger.Ledger.Artefact.FileArtefact;
import io.longhaul.engine.ledger.LedgerException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides about the disks of an arrival that was refused: the next try of the same migration can begin with what came, and
 * what was there before is not lost. Stateless.
 */
final class PartialDisks {
    private static final Logger log = LoggerFactory.getLogger(PartialDisks.class);

    private PartialDisks() {}

    /**
     * How the arrival ended.
     *
     * @param takenOver by the disk's name, the name its file had before it was taken over
     * @param written whether anything may have been written to the disks
     */
    record Ending(String migrationId, Optional<SideProblem> reason, Map<String, Path> takenOver, boolean written) {}

    /** @return what became of the disks, a sentence each */
    static List<String> leave(Hypervisor hypervisor, GuestDefinition guest, Ledger ledger, Ending ending) {
        List<String> told = new ArrayList<>(leaveTakenOver(hypervisor, guest, ledger, ending));
        if (ending.reason().filter(PartialDisks::areWorthKeeping).isPresent()) {
            told.addAll(keep(hypervisor, guest, ledger, ending));
        }
        return told;
    }

    /** Whoever asked for the end wants nothing left, and what a disk's own failure leaves is of no use. */
    static boolean areWorthKeeping(SideProblem reason) {
        return reason.code() == SideProblem.Code.LINK_LOST || isRestart(reason);
    }

    /**
     * What cannot be kept stays in the ledger, and is removed with the rest; but after a restart nobody knows whether one of
     * the disks was a file before, so that all stay.
     */
    private static List<String> keep(Hypervisor hypervisor, GuestDefinition guest, Ledger ledger, Ending ending) {
        Set<String> all = guest.disks().stream().map(Disk::name).collect(Collectors.toSet());
        List<String> told = new ArrayList<>();
        try {
            told.addAll(hypervisor.keepPartialDisks(guest, all, ledger));
        } catch (HypervisorException | LedgerException e) {
            log.warn(
                    "{}: what came of the disks is not kept for the next try: {}",
                    ending.migrationId(),
                    e.getMessage());
        }
        if (ending.reason().filter(PartialDisks::isRestart).isPresent()) {
            told.addAll(letBe(guest.disks(), ledger, disk -> "disk " + disk.name()));
        }
        return told;
    }

    /**
     * Whatever ended the migration, a file that was there before it is never removed at once: it gets its name back where
     * nothing was written to it, is kept where something was, and stays where it is where neither can be done.
     */
    private static List<String> leaveTakenOver(
            Hypervisor hypervisor, GuestDefinition guest, Ledger ledger, Ending ending) {
        Map<String, Path> former = ending.takenOver();
        if (former.isEmpty()) {
            return List.of();
        }
        List<Disk> takenOver = guest.disks().stream()
                .filter(disk -> former.containsKey(disk.name()))
                .toList();
        List<String> told = new ArrayList<>();
        try {
            if (ending.written()) {
                told.addAll(hypervisor.keepPartialDisks(guest, former.keySet(), ledger));
            } else {
                hypervisor.giveBackDisks(guest, former, ledger);
                takenOver.stream()
                        .filter(disk -> !ledger.outstanding().contains(new FileArtefact(disk.file())))
                        .map(disk -> former.get(disk.name()) + " has its name back; nothing was written to it.")
                        .forEach(told::add);
            }
        } catch (HypervisorException | LedgerException e) {
            log.warn("{}: disks that were taken over stay where they are: {}", ending.migrationId(), e.getMessage());
        }
        told.addAll(letBe(takenOver, ledger, disk -> String.valueOf(former.get(disk.name()))));
        return told;
    }

    private static boolean isRestart(SideProblem reason) {
        return reason.code() == SideProblem.Code.AGENT_RESTARTED;
    }

    /**
     * Releases disks that are still in the ledger, without removing them.
     *
     * @param whatItWas how to call what is left, by the disk
     */
    private static List<String> letBe(List<Disk> disks, Ledger ledger, Function<Disk, String> whatItWas) {
        List<String> left = new ArrayList<>();
        for (Disk disk : disks) {
            FileArtefact artefact = new FileArtefact(disk.file());
            if (ledger.outstanding().contains(artefact)) {
                ledger.release(artefact);
                left.add("What is left of " + whatItWas.apply(disk) + " is " + disk.file()
                        + "; it could not be renamed.");
            }
        }
        return left;
    }
}
