package io.longhaul.bench.wan;

import io.longhaul.bench.wan.Namespaces.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The link as the kernel's netem makes it, over a pair of virtual devices. Thread safe. A thread of its own looks for
 * the first byte.
 */
final class NetemLink implements WanLink {
    private static final long LOOK_MILLIS = 2;
    private static final int PACKET_BYTES = 1500;
    private static final double UNLIMITED_QUEUE_PACKETS = 200_000;

    /** In no time and without limit: the two hosts' devices, and nothing between them. */
    private static final LinkProperties DIRECT = new LinkProperties(0, 0, 0);

    private final Namespaces hosts;
    private final Process holder;
    private final Thread watch;
    private LinkProperties properties;
    private Bytes atMark = new Bytes(0, 0);
    private long firstNanos;
    private volatile boolean closed;

    /** What host a has received and sent. */
    record Bytes(long received, long sent) {
        long all() {
            return received + sent;
        }
    }

    private NetemLink(Namespaces hosts, LinkProperties properties, Process holder) {
        this.hosts = hosts;
        this.properties = properties;
        this.holder = holder;
        this.watch = new Thread(this::watch, "netem-watch");
        watch.setDaemon(true);
    }

    /** Asks the kernel, not its configuration: the module may be there and not loaded yet. */
    static boolean isAvailable(Namespaces hosts) {
        List<String> trial = List.of("tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms");
        if (Commands.attempt(hosts.commandInside(Host.A, trial)).status() != 0) {
            return false;
        }
        hosts.inside(Host.A, "tc", "qdisc", "del", "dev", "lo", "root");
        return true;
    }

    /** Needs no netem, as it neither delays nor loses. */
    static NetemLink openDirect(Namespaces hosts) {
        return open(hosts, DIRECT);
    }

    static NetemLink open(Namespaces hosts, LinkProperties link) {
        String device = Namespaces.LINK_DEVICE;
        hosts.inside(
                Host.A,
                "ip",
                "link",
                "add",
                device,
                "type",
                "veth",
                "peer",
                "name",
                device,
                "netns",
                hosts.name(Host.B));
        for (Host host : Host.values()) {
            hosts.inside(host, "ip", "address", "add", hosts.linkAddress(host) + "/24", "dev", device);
            // One segment a packet: netem would lose all segments of a large packet together.
            String segments = link.equals(DIRECT) ? "65535" : "1";
            hosts.inside(host, "ip", "link", "set", device, "gso_max_segs", segments, "txqueuelen", "20000", "up");
            if (!link.equals(DIRECT)) {
                Commands.run(hosts.commandInside(host, queue(device, link)));
            }
        }
        try {
            Process holder = startInside(hosts);
            NetemLink netem = new NetemLink(hosts, link, holder);
            netem.mark();
            netem.watch.start();
            return netem;
        } catch (IOException e) {
            throw new WanException("No process could be started in the namespace: " + e.getMessage(), e);
        }
    }

    /** A process whose counters in /proc are those of host a: it is inside already, which one just started may not be. */
    private static Process startInside(Namespaces hosts) throws IOException {
        List<String> command = List.of("sh", "-c", "echo inside; exec sleep infinity");
        Process holder = new ProcessBuilder(hosts.commandInside(Host.A, command)).start();
        if (holder.getInputStream().read() < 0) {
            holder.destroyForcibly();
            throw new IOException("it ended at once");
        }
        return holder;
    }

    static List<String> queue(String device, LinkProperties link) {
        List<String> command = new ArrayList<>(List.of("tc", "qdisc", "replace", "dev", device, "root", "netem"));
        command.addAll(List.of("delay", number(link.oneWayMillis()) + "ms"));
        double packets = UNLIMITED_QUEUE_PACKETS;
        if (link.rateMegabits() > 0) {
            command.addAll(List.of("rate", number(link.rateMegabits()) + "mbit"));
            // netem's queue holds what is on its way too.
            double heldMillis = LinkProperties.QUEUE_MILLIS + link.oneWayMillis();
            packets = Math.max(100, link.rateMegabits() * 1e3 / 8 * heldMillis / PACKET_BYTES);
        }
        command.addAll(List.of("limit", Long.toString(Math.round(packets))));
        if (link.lossPercent() > 0) {
            command.addAll(List.of("loss", number(link.lossPercent()) + "%"));
        }
        return List.copyOf(command);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    @Override
    public String kind() {
        return properties.equals(DIRECT) ? "direct" : "netem";
    }

    @Override
    public synchronized void set(LinkProperties link) {
        properties = link;
        for (Host host : Host.values()) {
            Commands.run(hosts.commandInside(host, queue(Namespaces.LINK_DEVICE, link)));
        }
    }

    @Override
    public synchronized void cut() {
        requireNetem();
        LinkProperties before = properties;
        set(new LinkProperties(before.roundTripMillis(), before.rateMegabits(), 100));
        properties = before;
    }

    @Override
    public synchronized void mend() {
        requireNetem();
        set(properties);
    }

    private void requireNetem() {
        if (properties.equals(DIRECT)) {
            throw new WanException("A direct link cannot be cut");
        }
    }

    @Override
    public synchronized void mark() {
        atMark = bytes();
        firstNanos = 0;
    }

    @Override
    public synchronized LinkCount count() {
        look();
        Bytes now = bytes();
        return new LinkCount(now.all() - atMark.all(), now.sent() - atMark.sent(), firstNanos);
    }

    private synchronized void look() {
        if (firstNanos == 0 && bytes().all() > atMark.all()) {
            firstNanos = System.nanoTime();
        }
    }

    private void watch() {
        try {
            while (!closed) {
                look();
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Bytes bytes() {
        try {
            Path counters = Path.of("/proc", Long.toString(holder.pid()), "net", "dev");
            return bytes(Files.readString(counters), Namespaces.LINK_DEVICE);
        } catch (IOException e) {
            throw new WanException("The link's counters cannot be read: " + e.getMessage(), e);
        }
    }

    /** Received and sent bytes of one device in the kernel's table. */
    static Bytes bytes(String table, String device) {
        return table.lines()
                .map(String::strip)
                .filter(line -> line.startsWith(device + ":"))
                .map(line -> line.substring(device.length() + 1).strip().split("\\s+"))
                .map(columns -> new Bytes(Long.parseLong(columns[0]), Long.parseLong(columns[8])))
                .findFirst()
                .orElseThrow(() -> new WanException("The device " + device + " is gone"));
    }

    @Override
    public void close() {
        closed = true;
        watch.interrupt();
        holder.destroyForcibly();
    }
}
