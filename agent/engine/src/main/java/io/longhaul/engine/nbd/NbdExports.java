package io.longhaul.engine.nbd;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The disks that a server offers, by name. Thread safe. */
final class NbdExports {
    private final Map<String, NbdExport> byName = new ConcurrentHashMap<>();

    void add(String name, NbdExport export) {
        if (byName.putIfAbsent(name, export) != null) {
            throw new IllegalArgumentException("export " + name + " is offered already");
        }
    }

    /** What was offered under the name, if anything. */
    @Nullable
    NbdExport remove(String name) {
        return byName.remove(name);
    }

    @Nullable
    NbdExport find(String name) {
        return byName.get(name);
    }

    boolean offers(NbdExport export) {
        return byName.containsValue(export);
    }

    List<String> names() {
        return byName.keySet().stream().sorted().toList();
    }
}
