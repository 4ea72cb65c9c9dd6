package io.longhaul.bench.wan;

import io.longhaul.bench.cluster.LocalProcesses;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Two network namespaces that stand for two hosts. Owned by the benchmark's thread; close() may come from another.
 *
 * <pre>
 *      host a                              host b
 *   198.18.N.1 ======== the link ======= 198.18.N.2       198.18.N.0/24 exists in the two namespaces only
 *   198.19.N.2                           198.19.N.6
 *        \                                  /
 *    198.19.N.1 --- this machine --- 198.19.N.5           the control plane listens on 198.19.N.1
 * </pre>
 *
 * Nothing is forwarded between the two lower lines, so that a host reaches the other over the link only; this machine
 * reaches a host's link address over the lower line, without the link's delay. 198.18.0.0/15 is the range that RFC 2544
 * sets apart for benchmarks.
 */
final class Namespaces implements AutoCloseable {
    static final String LINK_DEVICE = "wan0";

    private static final String PREFIX = "lhwan-";
    private static final Pattern NAME = Pattern.compile("^(lhwan-(\\d{1,10})-[ab])\\b.*");
    private static final int LINKS = 256;

    private final long owner = ProcessHandle.current().pid();
    private final int link;
    private boolean closed;

    private Namespaces(int link) {
        this.link = link;
    }

    /** Makes both, with everything but the link itself. */
    static Namespaces make() {
        removeLeftovers();
        Namespaces namespaces = new Namespaces(freeLink());
        try {
            namespaces.makeHost(Host.A);
            namespaces.makeHost(Host.B);
            // The way to the control plane's address, which belongs to the other line of this machine.
            namespaces.inside(
                    Host.B, "ip", "route", "add", namespaces.controlAddress(), "via", namespaces.address(19, 5));
            return namespaces;
        } catch (WanException e) {
            namespaces.close();
            throw e;
        }
    }

    /** One of the two. */
    enum Host {
        A("a", 1),
        B("b", 2);

        private final String letter;
        private final int index;

        Host(String letter, int index) {
            this.letter = letter;
            this.index = index;
        }
    }

    /** Ends what runs in the namespaces of dead benchmarks, and removes these. */
    private static void removeLeftovers() {
        for (String line : Commands.run("ip", "netns", "list").lines().toList()) {
            OptionalLong owner = owner(line);
            if (owner.isPresent() && ProcessHandle.of(owner.getAsLong()).isEmpty()) {
                remove(line.split(" ", 2)[0]);
            }
        }
    }

    /** The process that made the namespace; empty where it was none of ours. */
    static OptionalLong owner(String lineOfList) {
        Matcher matcher = NAME.matcher(lineOfList);
        return matcher.matches() ? OptionalLong.of(Long.parseLong(matcher.group(2))) : OptionalLong.empty();
    }

    private static int freeLink() {
        String routes = Commands.run("ip", "-4", "route", "show", "table", "all");
        int first = (int) (ProcessHandle.current().pid() % LINKS);
        return IntStream.range(0, LINKS)
                .map(i -> (first + i) % LINKS)
                .filter(link -> !routes.contains("198.19." + link + "."))
                .findFirst()
                .orElseThrow(() -> new WanException("All of 198.19.0.0/16 is in use on this machine"));
    }

    private void makeHost(Host host) {
        int near = 4 * host.index - 3;
        Commands.run("ip", "netns", "add", name(host));
        Commands.run("ip", "link", "add", device(host), "type", "veth", "peer", "name", "up0", "netns", name(host));
        Commands.run("ip", "address", "add", address(19, near) + "/30", "dev", device(host));
        Commands.run("ip", "link", "set", device(host), "up");
        // Routers and neighbours nobody has: these packets would count as the move's first byte.
        inside(host, "sh", "-c", "for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > $f; done");
        inside(host, "ip", "link", "set", "lo", "up");
        inside(host, "ip", "address", "add", address(19, near + 1) + "/30", "dev", "up0");
        inside(host, "ip", "link", "set", "up0", "up");
        Commands.run("ip", "route", "add", linkAddress(host), "via", address(19, near + 1));
    }

    String name(Host host) {
        return PREFIX + owner + "-" + host.letter;
    }

    private String device(Host host) {
        return "lhw" + owner + host.letter;
    }

    /** Where a host is reached over the link by the other, and without it by this machine. */
    String linkAddress(Host host) {
        return address(18, host.index);
    }

    /** An address of this machine that both hosts reach without the link. */
    String controlAddress() {
        return address(19, 1);
    }

    private String address(int second, int last) {
        return "198." + second + "." + link + "." + last;
    }

    /** What to put before a command so that it runs on a host. */
    List<String> launcher(Host host) {
        return List.of("ip", "netns", "exec", name(host));
    }

    List<String> commandInside(Host host, List<String> command) {
        return Stream.concat(launcher(host).stream(), command.stream()).toList();
    }

    String inside(Host host, String... command) {
        return Commands.run(commandInside(host, List.of(command)));
    }

    /** Ends every process on both hosts. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            remove(name(Host.A));
            remove(name(Host.B));
        }
    }

    private static void remove(String name) {
        Commands.Outcome processes = Commands.attempt(List.of("ip", "netns", "pids", name));
        if (processes.status() != 0) {
            return; // it was never made
        }
        List<ProcessHandle> inside = processes
                .output()
                .lines()
                .map(line -> ProcessHandle.of(Long.parseLong(line.strip())))
                .flatMap(Optional::stream)
                .toList();
        LocalProcesses.kill(inside);
        Commands.run("ip", "netns", "delete", name);
    }
}
