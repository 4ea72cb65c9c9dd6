package io.longhaul.bench.tour;

import io.longhaul.client.model.Migration;
import io.longhaul.client.model.MigrationProgress;
import io.longhaul.client.model.MigrationState;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A migration's progress in words: as a block for a terminal, as one line for a log. Stateless. */
final class ProgressText {
    private static final int BAR_CELLS = 24;

    /** Where nothing is left to be forecast. */
    private static final Set<MigrationState> ENDING = EnumSet.of(
            MigrationState.COMPLETING,
            MigrationState.COMPLETED,
            MigrationState.CANCELLING,
            MigrationState.CANCELLED,
            MigrationState.FAILING,
            MigrationState.FAILED);

    private ProgressText() {}

    static List<String> block(Migration migration, long elapsedMillis) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                "%-15s %s to %s, %s since the request",
                migration.getState(),
                migration.getSource(),
                migration.getDestination(),
                Amounts.millis(elapsedMillis)));
        MigrationProgress progress = migration.getProgress();
        if (progress == null) {
            lines.add("  " + waiting(migration));
            return lines;
        }
        lines.add("  disk     "
                + bar(progress.getDiskBytesDone(), progress.getDiskBytesRemaining())
                + doneAndLeft(progress.getDiskBytesDone(), progress.getDiskBytesRemaining()));
        lines.add("  memory   "
                + bar(progress.getMemoryBytesDone(), progress.getMemoryBytesRemaining())
                + doneAndLeft(progress.getMemoryBytesDone(), progress.getMemoryBytesRemaining())
                + rounds(progress));
        lines.add("  wire     " + wire(progress));
        lines.add("  forecast " + forecast(migration.getState(), progress));
        return lines;
    }

    static String line(Migration migration, long elapsedMillis) {
        String start = String.format("%8s  %-15s ", Amounts.millis(elapsedMillis), migration.getState());
        MigrationProgress progress = migration.getProgress();
        if (progress == null) {
            return start + waiting(migration);
        }
        return start
                + "disk " + doneAndLeft(progress.getDiskBytesDone(), progress.getDiskBytesRemaining())
                + "; memory " + doneAndLeft(progress.getMemoryBytesDone(), progress.getMemoryBytesRemaining())
                + rounds(progress)
                + "; wire " + wire(progress)
                + "; forecast " + forecast(migration.getState(), progress);
    }

    private static String waiting(Migration migration) {
        String waitingFor = migration.getWaitingFor();
        return waitingFor == null ? "no bytes moved yet" : "waits for " + waitingFor;
    }

    private static String doneAndLeft(@Nullable Long done, @Nullable Long left) {
        return Amounts.bytes(done) + " done, " + Amounts.bytes(left) + " left";
    }

    private static String rounds(MigrationProgress progress) {
        Integer rounds = progress.getMemoryRounds();
        return rounds == null ? "" : ", round " + rounds;
    }

    private static String wire(MigrationProgress progress) {
        Double roundTrip = progress.getRoundTripMillis();
        return Amounts.bytes(progress.getBytesOnWire())
                + " at " + Amounts.rate(progress.getBytesPerSecond())
                + (roundTrip == null ? "" : ", round trip " + Amounts.millis(roundTrip));
    }

    private static String forecast(@Nullable MigrationState state, MigrationProgress progress) {
        if (state != null && ENDING.contains(state)) {
            return "none any more";
        }
        Long end = progress.getForecastEndMillis();
        Long downtime = progress.getForecastDowntimeMillis();
        return "end " + (end == null ? "not to be told yet" : "in " + Amounts.millis(end)) + ", downtime "
                + (downtime == null ? "not to be told yet" : Amounts.millis(downtime));
    }

    private static String bar(@Nullable Long done, @Nullable Long left) {
        double all = (done == null ? 0 : done) + (double) (left == null ? 0 : left);
        int filled = all <= 0 || done == null ? 0 : (int) Math.round(BAR_CELLS * (done / all));
        return "[" + "#".repeat(filled) + ".".repeat(BAR_CELLS - filled) + "] ";
    }
}
