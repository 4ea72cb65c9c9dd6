package io.longhaul.bench.tour;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonParser;
import io.longhaul.client.model.MigrationState;
import io.longhaul.client.model.Problem;
import io.longhaul.client.model.Receipt;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Receipts and problems in words, and what makes a move a good one. Stateless. */
final class ReceiptText {
    private ReceiptText() {}

    static String json(Receipt receipt) {
        return new GsonBuilder().setPrettyPrinting().create().toJson(JsonParser.parseString(receipt.toJson()));
    }

    static List<String> lines(Receipt receipt) {
        List<String> lines = new ArrayList<>();
        lines.add("Receipt");
        add(lines, "migrationId", receipt.getMigrationId(), "");
        add(lines, "state", receipt.getState(), "");
        add(lines, "source", receipt.getSource(), "");
        add(lines, "destination", receipt.getDestination(), "");
        add(lines, "durationMillis", receipt.getDurationMillis(), "");
        add(lines, "downtimeMillis", receipt.getDowntimeMillis(), "source paused to destination running");
        add(lines, "guestDowntimeMillis", receipt.getGuestDowntimeMillis(), "longest gap in the guest's own ticks");
        add(lines, "bytesOnWire", receipt.getBytesOnWire(), Amounts.bytes(receipt.getBytesOnWire()));
        add(lines, "diskBytes", receipt.getDiskBytes(), Amounts.bytes(receipt.getDiskBytes()));
        add(lines, "memoryBytes", receipt.getMemoryBytes(), Amounts.bytes(receipt.getMemoryBytes()));
        add(lines, "disksIdentical", receipt.getDisksIdentical(), "digests at both ends, for the state at the pause");
        add(
                lines,
                "guestHealthy",
                receipt.getGuestHealthy(),
                "the guest's own checks of memory and disk after the move");
        return lines;
    }

    private static void add(List<String> lines, String name, @Nullable Object value, String remark) {
        String shown = value == null ? "not measured" : value.toString();
        lines.add(String.format("  %-20s %-26s %s", name, shown, remark).stripTrailing());
    }

    /** What falls short of a good move; empty for a good one. */
    static List<String> shortcomings(@Nullable Receipt receipt) {
        if (receipt == null) {
            return List.of("there is no receipt");
        }
        List<String> found = new ArrayList<>();
        if (receipt.getState() != MigrationState.COMPLETED) {
            found.add("the migration is " + receipt.getState());
        }
        if (!Boolean.TRUE.equals(receipt.getDisksIdentical())) {
            found.add("the disks were not found identical");
        }
        if (!Boolean.TRUE.equals(receipt.getGuestHealthy())) {
            found.add("the guest did not find itself healthy");
        }
        if (receipt.getDowntimeMillis() == null) {
            found.add("the downtime was not measured");
        }
        if (receipt.getGuestDowntimeMillis() == null) {
            found.add("the guest's own downtime was not measured");
        }
        return found;
    }

    static List<String> lines(Problem problem) {
        List<String> lines = new ArrayList<>();
        lines.add(problem.getCode() + ": " + problem.getDetail());
        addWords(lines, "seen", problem.getSeen());
        addWords(lines, "expected", problem.getExpected());
        addWords(lines, "host", problem.getHost());
        addWords(lines, "native", problem.getNative());
        addWords(lines, "to do", problem.getAction());
        return lines;
    }

    private static void addWords(List<String> lines, String name, @Nullable String words) {
        if (words != null && !words.isEmpty()) {
            lines.add("  " + name + ": " + words);
        }
    }
}
