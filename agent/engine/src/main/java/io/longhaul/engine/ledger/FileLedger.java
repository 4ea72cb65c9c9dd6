package io.longhaul.engine.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.longhaul.engine.support.DurableLog;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A ledger in a file. Thread safe.
 *
 * <p>A line is {@code + <kind> <field>...} for an artefact noted and {@code - <kind> <field>...} for one released.
 */
public final class FileLedger implements Ledger {
    private final DurableLog log;
    private final Set<Artefact> outstanding = new LinkedHashSet<>();

    /** Reads what an earlier run noted. */
    public FileLedger(Path file) {
        log = new DurableLog(file);
        try {
            log.lines().forEach(this::replay);
        } catch (IOException e) {
            throw new LedgerException("The ledger " + file + " cannot be read", e);
        }
    }

    @Override
    public synchronized void record(Artefact artefact) {
        if (!outstanding.contains(artefact)) {
            append("+ " + encode(artefact));
            outstanding.add(artefact);
        }
    }

    @Override
    public synchronized void release(Artefact artefact) {
        if (outstanding.contains(artefact)) {
            append("- " + encode(artefact));
            outstanding.remove(artefact);
        }
    }

    @Override
    public synchronized List<Artefact> outstanding() {
        return new ArrayList<>(outstanding);
    }

    /** Removes the ledger itself. Only once nothing is outstanding. */
    public synchronized void delete() {
        if (!outstanding.isEmpty()) {
            throw new IllegalStateException(
                    "A ledger is deleted only when nothing is outstanding, but there is " + outstanding);
        }
        try {
            log.delete();
        } catch (IOException e) {
            throw new LedgerException("The ledger cannot be deleted", e);
        }
    }

    private void append(String line) {
        try {
            log.append(line);
        } catch (IOException e) {
            throw new LedgerException("The ledger cannot be written: " + line, e);
        }
    }

    private void replay(String line) {
        Artefact artefact = decode(line.substring(2));
        if (line.startsWith("+")) {
            outstanding.add(artefact);
        } else {
            outstanding.remove(artefact);
        }
    }

    private static String encode(Artefact artefact) {
        if (artefact instanceof Artefact.FileArtefact file) {
            return "file " + escape(file.path().toString());
        }
        if (artefact instanceof Artefact.FolderArtefact folder) {
            return "folder " + escape(folder.path().toString());
        }
        Artefact.ProcessArtefact process = (Artefact.ProcessArtefact) artefact;
        return "process " + escape(process.pidFile().toString()) + " " + escape(process.marker());
    }

    private static Artefact decode(String text) {
        String[] fields = text.split(" ", -1);
        Path path = Path.of(URLDecoder.decode(fields[1], UTF_8));
        return switch (fields[0]) {
            case "file" -> new Artefact.FileArtefact(path);
            case "folder" -> new Artefact.FolderArtefact(path);
            case "process" -> new Artefact.ProcessArtefact(path, URLDecoder.decode(fields[2], UTF_8));
            default -> throw new IllegalStateException("Unknown kind of artefact in a ledger: " + text);
        };
    }

    private static String escape(String field) {
        return URLEncoder.encode(field, UTF_8);
    }
}
