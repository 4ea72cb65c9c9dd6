package io.longhaul.bench.cluster;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How to start one of our servers. Immutable.
 *
 * @param name for messages and file names
 * @param command without what the operating system adds
 * @param log takes what the server prints
 * @param pidFile its path stands on the server's command line and on no other's
 */
public record ServerCommand(String name, List<String> command, Path log, Path pidFile) {

    /** One collector thread, as two cores serve three servers and two guests. */
    private static final List<String> SMALL = List.of(
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "--enable-native-access=ALL-UNNAMED",
            // Where classes take more than the default of 21 MB, each further step is a full collection.
            "-XX:MetaspaceSize=128m");

    public ServerCommand {
        command = List.copyOf(command);
    }

    static ServerCommand controlPlane(ClusterSettings settings) {
        Map<String, String> properties = new TreeMap<>(settings.controlPlaneProperties());
        properties.put("server.port", Integer.toString(settings.controlPlanePort()));
        properties.put("longhaul.data-folder", settings.controlPlaneFolder().toString());
        return of(
                "control-plane",
                settings,
                settings.jars().controlPlane(),
                List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"),
                properties);
    }

    static ServerCommand agent(ClusterSettings settings, HostSettings host) {
        Map<String, String> properties = new TreeMap<>();
        properties.put("server.port", Integer.toString(host.port()));
        // Several agents share this machine: each takes a free one, unless somebody wants to ask there.
        properties.put("management.server.port", "0");
        properties.put("longhaul.agent.host-name", host.name());
        properties.put("longhaul.agent.site", host.site());
        properties.put("longhaul.agent.control-plane-url", settings.agentsUrl());
        properties.put(
                "longhaul.agent.join-token-file",
                settings.controlPlaneFolder().resolve("join-token").toString());
        properties.put(
                "longhaul.agent.data-folder", settings.hostFolder(host.name()).toString());
        properties.put(
                "longhaul.agent.socket-folder",
                settings.socketFolder(host.name()).toString());
        properties.put("longhaul.agent.transfer-address", "127.0.0.1:" + host.transferPort());
        properties.putAll(host.properties());
        // With the second compiler: AES and SHA-256 are ten times slower without what it knows of the processor.
        // Little for new objects: what an agent holds for long are payloads, and those it uses again. With the default,
        // a third, the rest is too little for the old ones, and each move has a full collection of 200 ms.
        List<String> memory = List.of("-Xmx160m", "-Xmn24m", "-XX:MaxDirectMemorySize=96m");
        ServerCommand plain = of(host.name(), settings, settings.jars().agent(), memory, properties);
        return plain.under(host.launcher());
    }

    private ServerCommand under(List<String> launcher) {
        List<String> whole = new ArrayList<>(launcher);
        whole.addAll(command);
        return new ServerCommand(name, whole, log, pidFile);
    }

    private static ServerCommand of(
            String name, ClusterSettings settings, Path jar, List<String> memory, Map<String, String> properties) {
        Path pidFile = settings.processFolder().resolve(name + ".pid");
        List<String> command = new ArrayList<>();
        // A session of its own: Ctrl-C on the terminal is for us, and we stop our servers in order.
        command.add("setsid");
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(SMALL);
        command.addAll(memory);
        command.add("-Dlonghaul.pid-file=" + pidFile);
        command.add("-jar");
        command.add(jar.toString());
        properties.forEach((key, value) -> command.add("--" + key + "=" + value));
        return new ServerCommand(name, command, settings.logFolder().resolve(name + ".log"), pidFile);
    }
}
