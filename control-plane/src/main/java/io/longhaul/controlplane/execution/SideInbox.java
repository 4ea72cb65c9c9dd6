package io.longhaul.controlplane.execution;

import io.longhaul.api.agent.model.MigrationReport;
import io.longhaul.api.agent.model.SidePhase;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The newest word of one side. Thread safe; holds one report however many arrive.
 *
 * <p>Within one run of the agent the sequence tells which report is newer, across runs its clock does.
 */
final class SideInbox {

    private static final Set<SidePhase> ENDED = EnumSet.of(SidePhase.COMPLETED, SidePhase.ABORTED);

    private @Nullable MigrationReport newest;
    private boolean lost;
    private Instant heard;

    SideInbox(Instant now) {
        this.heard = now;
    }

    /** @return whether it was newer than what was known */
    synchronized boolean accept(MigrationReport report, Instant now) {
        heard = now;
        lost = false;
        if (newest != null && !newer(newest, report)) {
            return false;
        }
        newest = report;
        return true;
    }

    /** The agent says that it knows no such migration. */
    synchronized void lose(Instant now) {
        heard = now;
        lost = true;
    }

    synchronized Optional<MigrationReport> newest() {
        return Optional.ofNullable(newest);
    }

    /** After its last word a side has nothing new to say, and may have forgotten. */
    boolean hasSaidItsLastWord() {
        return newest().filter(report -> ENDED.contains(report.getPhase())).isPresent();
    }

    synchronized boolean lost() {
        return lost;
    }

    /** When anything was heard last. */
    synchronized Instant heard() {
        return heard;
    }

    private static boolean newer(MigrationReport known, MigrationReport report) {
        return known.getAgentInstance().equals(report.getAgentInstance())
                ? report.getSequence() > known.getSequence()
                : report.getAt().isAfter(known.getAt());
    }
}
