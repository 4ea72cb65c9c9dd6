package io.longhaul.bench.endtoend;

import io.longhaul.bench.cluster.LonghaulCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything on a host that a migration could leave behind. Immutable.
 *
 * @param files in pools, socket folder and the agent's own folder
 * @param processes QEMU and its helpers
 * @param listening sockets that the agent and its QEMUs accept connections on
 */
record HostTraces(TreeSet<String> files, TreeSet<Long> processes, TreeSet<String> listening) {
    private static final String LISTENING_STATE = "0A";

    static HostTraces of(LonghaulCluster cluster, String host, List<Path> otherPools) {
        TreeSet<String> files = new TreeSet<>();
        addFiles(cluster.settings().hostFolder(host), files);
        addFiles(cluster.settings().socketFolder(host), files);
        otherPools.forEach(pool -> addFiles(pool, files));
        TreeSet<Long> processes = new TreeSet<>();
        cluster.guests(host).forEach(process -> processes.add(process.pid()));
        TreeSet<String> listening = new TreeSet<>();
        addListening(cluster.agent(host).pid(), listening);
        processes.forEach(process -> addListening(process, listening));
        return new HostTraces(files, processes, listening);
    }

    /**
     * The epoch of a machine stays known on purpose: it keeps late commands out. So does what came of disks of a migration
     * that was lost: the next one begins with it.
     */
    private static void addFiles(Path folder, TreeSet<String> files) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            tree.filter(path -> !Files.isDirectory(path))
                    .map(Path::toString)
                    .filter(path -> !path.contains("/epochs/") && !path.contains("/.longhaul-partial-"))
                    .forEach(files::add);
        } catch (IOException | UncheckedIOException e) {
            files.add(folder + " changes while it is read: " + e.getMessage());
        }
    }

    private static void addListening(long process, TreeSet<String> listening) {
        String sockets = socketsOf(process);
        for (String table : List.of("tcp", "tcp6")) {
            try (Stream<String> lines = Files.lines(Path.of("/proc/self/net", table))) {
                lines.map(line -> line.strip().split("\\s+"))
                        .filter(columns -> columns[3].equals(LISTENING_STATE))
                        .filter(columns -> sockets.contains("[" + columns[9] + "]"))
                        .forEach(columns -> listening.add(columns[1]));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String socketsOf(long process) {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + process + "/fd"))) {
            return descriptors.map(HostTraces::target).collect(Collectors.joining(" "));
        } catch (IOException e) {
            return "";
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return "";
        }
    }
}
