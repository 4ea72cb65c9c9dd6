package io.longhaul.controlplane.execution;

import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.MigrationRole;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Notices hosts that a migration hears nothing of, and preparations that last. Owned by its worker's step. */
final class LongWaits {

    /** Until the source copies. */
    private enum Preparation {
        NONE,
        DESTINATION_GETS_READY,
        SOURCE_CONNECTS
    }

    private final MigrationFacts facts;
    private final Duration patience;
    /** Since when a side has had reason to report. */
    private final Map<MigrationRole, Instant> expected = new EnumMap<>(MigrationRole.class);

    private Preparation preparation = Preparation.NONE;
    private Instant preparationBegan = Instant.MIN;

    LongWaits(MigrationFacts facts, Duration patience) {
        this.facts = facts;
        this.patience = patience;
    }

    /** Since when nothing was heard of a side that should report; absent where that is not long. */
    Optional<Instant> silentSince(MigrationRole role, Step step, SideInbox inbox, Instant now) {
        boolean ordered = role == MigrationRole.DESTINATION
                || step.outgoingOrdered()
                || step.phase().ending();
        if (!ordered || step.phase().terminal() || inbox.hasSaidItsLastWord()) {
            expected.remove(role);
            return Optional.empty();
        }
        Instant since = expected.computeIfAbsent(role, unused -> now);
        Instant last = inbox.heard().isAfter(since) ? inbox.heard() : since;
        return Optional.of(last).filter(silent -> !now.isBefore(silent.plus(patience)));
    }

    /**
     * What has not happened for long before the first byte, with the address to look at.
     *
     * @param sourceUrl where the destination fetches boot files
     */
    Optional<String> preparation(Step step, SideInbox destination, Optional<String> sourceUrl, Instant now) {
        Preparation current = current(step);
        if (current != preparation) {
            preparation = current;
            preparationBegan = now;
        }
        if (current == Preparation.NONE || now.isBefore(preparationBegan.plus(patience))) {
            return Optional.empty();
        }
        String source = facts.source();
        String receiver = facts.destination();
        if (current == Preparation.DESTINATION_GETS_READY) {
            String url = sourceUrl.map(known -> " at " + known).orElse("");
            return Optional.of(receiver + " to get ready: disks, hypervisor, and boot files from the agent of " + source
                    + url + ", which " + receiver + " must reach");
        }
        String address = destination
                .newest()
                .map(MigrationReport::getTransferAddress)
                .map(known -> " at " + known)
                .orElse("");
        return Optional.of(source + " to connect to " + receiver + address + ", which " + source + " must reach");
    }

    private static Preparation current(Step step) {
        if (step.phase() != MigrationPhase.PREPARING) {
            return Preparation.NONE;
        }
        return step.outgoingOrdered() ? Preparation.SOURCE_CONNECTS : Preparation.DESTINATION_GETS_READY;
    }

    /** A moment, not a duration: whoever watches is told once, not every second. */
    String report(MigrationRole role, Instant silentSince) {
        return "agent of " + facts.host(role) + " to report (nothing was heard of it since "
                + silentSince.truncatedTo(ChronoUnit.SECONDS) + ")";
    }
}
