package io.longhaul.engine.session;

import io.longhaul.engine.handover.Handover;
import io.longhaul.engine.handover.HandoverState;
import io.longhaul.engine.ledger.FileLedger;
import io.longhaul.engine.support.DurableLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What one side keeps on disk: its journal and its ledger. Thread safe.
 *
 * <pre>
 *   ORDER  &lt;role&gt; &lt;guest id&gt; &lt;epoch&gt; &lt;order in base64&gt;     first line of a side that was ordered
 *   CLOSED &lt;role&gt; &lt;guest id&gt; &lt;epoch&gt;                       first line of an id that was aborted before any order came
 *   DECISION &lt;GRANTED|TAKEN|REFUSED&gt;                     before it is acted on
 *   END &lt;status in base64&gt;                               nothing is left to do
 * </pre>
 */
final class SideFiles implements Handover.Journal {
    private static final String JOURNAL_SUFFIX = ".journal";
    private static final String LEDGER_SUFFIX = ".ledger";

    private final Path folder;
    private final String migrationId;
    private final DurableLog journal;

    SideFiles(Path folder, String migrationId) {
        this.folder = folder;
        this.migrationId = migrationId;
        this.journal = new DurableLog(folder.resolve(migrationId + JOURNAL_SUFFIX));
    }

    /** The ids of all sides with a journal. */
    static List<String> migrationIds(Path folder) throws IOException {
        return ids(folder, JOURNAL_SUFFIX);
    }

    private static List<String> ids(Path folder, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(suffix))
                    .map(name -> name.substring(0, name.length() - suffix.length()))
                    .sorted()
                    .toList();
        }
    }

    void writeOrder(MigrationSide.Role role, UUID guestId, long epoch, byte[] order) throws IOException {
        journal.append(String.join(
                " ",
                "ORDER",
                role.name(),
                guestId.toString(),
                Long.toString(epoch),
                Base64.getEncoder().encodeToString(order)));
    }

    void writeClosed(MigrationSide.Role role, UUID guestId, long epoch) throws IOException {
        journal.append(String.join(" ", "CLOSED", role.name(), guestId.toString(), Long.toString(epoch)));
    }

    @Override
    public void write(HandoverState decision) throws IOException {
        journal.append("DECISION " + decision.name());
    }

    void writeEnd(byte[] status) throws IOException {
        journal.append("END " + Base64.getEncoder().encodeToString(status));
    }

    /** What the journal says; empty where a crash came before its first line was whole. */
    Optional<Record> read() throws IOException {
        List<String> lines = journal.lines();
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        String[] first = lines.get(0).split(" ", -1);
        HandoverState decision = HandoverState.OPEN;
        Optional<byte[]> end = Optional.empty();
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split(" ", -1);
            switch (fields[0]) {
                case "DECISION" -> decision = HandoverState.valueOf(fields[1]);
                case "END" -> end = Optional.of(Base64.getDecoder().decode(fields[1]));
                default ->
                    throw new IOException("The journal of " + migrationId
                            + " has a line that this agent does not know: " + fields[0]);
            }
        }
        Optional<byte[]> order =
                first[0].equals("ORDER") ? Optional.of(Base64.getDecoder().decode(first[4])) : Optional.empty();
        return Optional.of(new Record(
                MigrationSide.Role.valueOf(first[1]),
                UUID.fromString(first[2]),
                Long.parseLong(first[3]),
                order,
                decision,
                end));
    }

    FileLedger ledger() {
        return new FileLedger(folder.resolve(migrationId + LEDGER_SUFFIX));
    }

    /** Forgets the side. Its ledger stays for the next start's clean-up if it is not empty. */
    void delete() throws IOException {
        FileLedger ledger = ledger();
        if (ledger.outstanding().isEmpty()) {
            ledger.delete();
        }
        journal.delete();
    }

    /** The ids of all ledgers, of sides under way, ended and forgotten. */
    static List<String> ledgerIds(Path folder) throws IOException {
        return ids(folder, LEDGER_SUFFIX);
    }

    /**
     * @param order empty for an id that was closed before an order came
     * @param end the final status; empty while there is something left to do
     */
    record Record(
            MigrationSide.Role role,
            UUID guestId,
            long epoch,
            Optional<byte[]> order,
            HandoverState decision,
            Optional<byte[]> end) {}
}
