package io.longhaul.bench.wan;

import com.google.gson.JsonObject;
import io.longhaul.bench.cluster.Folders;
import io.longhaul.bench.wan.GuestEntry.Kind;
import io.longhaul.bench.wan.Namespaces.Host;
import io.longhaul.bench.wan.NativeGuest.Machine;
import io.longhaul.client.model.VmDefinition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * QEMU's own migration with an NBD mirror, in the order in which libvirt, and with it Nova and KubeVirt, drive it; but
 * with monitors that answer at once, as if whoever drives it were near both hosts. Owned by the benchmark's thread.
 */
final class NativeSide implements MovingSide {
    private static final Duration HEALTHY_DEADLINE = Duration.ofMinutes(6);
    private static final int NBD_PORT = 10_809;
    private static final int MIGRATION_PORT = 10_810;
    private static final int DEFAULT_CHANNELS = 8;
    private static final String JOB = "mirror0";

    private final WanOptions options;
    private final WorkGuest guest;
    private final Namespaces hosts;
    private final WanLink link;
    private final Path folder;
    private final String accelerator;
    private final Consumer<String> say;

    NativeSide(
            WanOptions options,
            WorkGuest guest,
            Namespaces hosts,
            WanLink link,
            Path folder,
            String accelerator,
            Consumer<String> say) {
        this.options = options;
        this.guest = guest;
        this.hosts = hosts;
        this.link = link;
        this.folder = folder;
        this.accelerator = accelerator;
        this.say = say;
    }

    @Override
    public Measurement move(int run) {
        Path here = folder.resolve("native-" + run);
        Folders.make(here);
        Path sourceDisk = here.resolve("a.raw");
        Path destinationDisk = here.resolve("b.raw");
        guest.copyDisk(sourceDisk);
        guest.emptyDisk(destinationDisk);
        VmDefinition definition = guest.definition("native", "");
        Machine from = new Machine(definition, sourceDisk, accelerator);
        Machine to = new Machine(definition, destinationDisk, accelerator);
        try (NativeGuest source = NativeGuest.start(hosts, Host.A, from, false);
                NativeGuest destination = NativeGuest.start(hosts, Host.B, to, true)) {
            source.qmp().execute("cont");
            awaitHealthy(source);
            return move(source, destination);
        } finally {
            Folders.remove(here);
        }
    }

    private void awaitHealthy(NativeGuest source) {
        long deadlineNanos = System.nanoTime() + HEALTHY_DEADLINE.toNanos();
        if (!source.log().await(entry -> entry.kind() == Kind.CHECK_PASSED, deadlineNanos)) {
            throw new WanException(
                    "The guest does not work: it has not checked itself within " + HEALTHY_DEADLINE.toSeconds() + " s");
        }
    }

    private Measurement move(NativeGuest source, NativeGuest destination) {
        prepare(source.qmp(), destination.qmp());
        Settling.awaitSeconds(source.log());
        link.mark();
        long deadlineNanos = System.nanoTime() + options.deadline().toNanos();
        boolean moved = transfer(source.qmp(), destination.qmp(), deadlineNanos);
        long endNanos = System.nanoTime();
        WanLink.LinkCount count = link.count();
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        figures.put(Figure.BYTES_ON_WIRE, (double) count.bytes());
        pagesSent(source.qmp()).ifPresent(pages -> figures.put(Figure.PAGES_SENT, pages));
        if (moved) {
            Settling.awaitSeconds(destination.log());
            figures.put(Figure.DOWNTIME_MILLIS, downtimeMillis(source.qmp(), destination.qmp()));
        } else {
            say.accept("  not at the destination after " + options.deadline().toSeconds() + " s");
        }
        GuestStory story =
                new GuestStory(source.log().entries(), destination.log().entries(), count.firstNanos(), endNanos);
        return story.measure().with(figures);
    }

    private void prepare(QmpClient source, QmpClient destination) {
        boolean multifd = options.nativeMode().multifd();
        String capabilities = "{\"capabilities\": [{\"capability\": \"events\", \"state\": true},"
                + " {\"capability\": \"pause-before-switchover\", \"state\": true},"
                + " {\"capability\": \"multifd\", \"state\": " + multifd + "}]}";
        // Bounded by the link, not by QEMU's default of 1 Gbit/s.
        String parameters = "{\"max-bandwidth\": 12500000000, \"downtime-limit\": 300"
                + (multifd
                        ? ", \"multifd-compression\": \"zstd\", \"multifd-channels\": "
                                + options.connections().orElse(DEFAULT_CHANNELS)
                        : "")
                + "}";
        for (QmpClient qmp : new QmpClient[] {source, destination}) {
            qmp.execute("migrate-set-capabilities", capabilities);
            qmp.execute("migrate-set-parameters", parameters);
        }
        destination.execute("migrate-incoming", format("{\"uri\": \"tcp:%s:%d\"}", address(), MIGRATION_PORT));
        destination.execute(
                "nbd-server-start",
                format(
                        "{\"addr\": {\"type\": \"inet\", \"data\": {\"host\": \"%s\", \"port\": \"%d\"}}}",
                        address(), NBD_PORT));
        destination.execute(
                "block-export-add",
                format(
                        "{\"type\": \"nbd\", \"id\": \"e0\", \"node-name\": \"%s\", \"name\": \"%s\", \"writable\": true}",
                        NativeGuest.DISK_NODE, NativeGuest.DISK_NODE));
    }

    private String address() {
        return hosts.linkAddress(Host.B);
    }

    /** Returns whether the guest runs at the destination before the deadline. */
    private boolean transfer(QmpClient source, QmpClient destination, long deadlineNanos) {
        startMirror(source);
        boolean ready = source.awaitEvent(QmpClient.named("BLOCK_JOB_READY").or(NativeSide::isJobEnd), deadlineNanos)
                .filter(QmpClient.named("BLOCK_JOB_READY"))
                .isPresent();
        if (!ready) {
            return false;
        }
        source.execute("migrate", format("{\"uri\": \"tcp:%s:%d\"}", address(), MIGRATION_PORT));
        if (!awaitStatus(source, "pre-switchover", deadlineNanos)) {
            return false;
        }
        source.execute("block-job-cancel", "{\"device\": \"" + JOB + "\"}");
        if (source.awaitEvent(NativeSide::isJobEnd, deadlineNanos).isEmpty()) {
            return false;
        }
        source.execute("migrate-continue", "{\"state\": \"pre-switchover\"}");
        boolean loaded =
                awaitStatus(source, "completed", deadlineNanos) && awaitStatus(destination, "completed", deadlineNanos);
        if (loaded) {
            destination.execute("nbd-server-stop");
            destination.execute("cont");
        }
        return loaded;
    }

    private void startMirror(QmpClient source) {
        source.execute(
                "blockdev-add",
                format(
                        "{\"driver\": \"nbd\", \"node-name\": \"target0\", \"export\": \"%s\", \"discard\": \"unmap\","
                                + " \"server\": {\"type\": \"inet\", \"host\": \"%s\", \"port\": \"%d\"}}",
                        NativeGuest.DISK_NODE, address(), NBD_PORT));
        source.execute(
                "blockdev-mirror",
                format(
                        "{\"job-id\": \"%s\", \"device\": \"%s\", \"target\": \"target0\", \"sync\": \"full\","
                                + " \"copy-mode\": \"%s\"}",
                        JOB, NativeGuest.DISK_NODE, options.nativeMode().copyMode()));
    }

    private static boolean isJobEnd(JsonObject event) {
        return QmpClient.named("BLOCK_JOB_COMPLETED")
                .or(QmpClient.named("BLOCK_JOB_CANCELLED"))
                .test(event);
    }

    private boolean awaitStatus(QmpClient qmp, String status, long deadlineNanos) {
        Optional<String> seen = qmp.awaitEvent(
                        event -> QmpClient.named("MIGRATION").test(event)
                                && (status(event).equals(status)
                                        || status(event).equals("failed")),
                        deadlineNanos)
                .map(NativeSide::status);
        if (seen.isPresent() && !seen.get().equals(status)) {
            say.accept("  QEMU's migration failed: " + qmp.execute("query-migrate"));
        }
        return seen.isPresent() && seen.get().equals(status);
    }

    private static String status(JsonObject event) {
        return event.getAsJsonObject("data").get("status").getAsString();
    }

    private static Optional<Double> pagesSent(QmpClient source) {
        JsonObject answer = source.execute("query-migrate").getAsJsonObject();
        return Optional.ofNullable(answer.getAsJsonObject("ram"))
                .map(ram -> ram.get("normal").getAsDouble());
    }

    private static double downtimeMillis(QmpClient source, QmpClient destination) {
        long deadlineNanos = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        // The first RESUME of the destination; the source's last STOP is its only one.
        double stopped = source.awaitEvent(QmpClient.named("STOP"), deadlineNanos)
                .map(QmpClient::millis)
                .orElseThrow(() -> new WanException("QEMU has not said when it paused the guest"));
        double resumed = destination
                .awaitEvent(QmpClient.named("RESUME"), deadlineNanos)
                .map(QmpClient::millis)
                .orElseThrow(() -> new WanException("QEMU has not said when it ran the guest"));
        return resumed - stopped;
    }

    private static String format(String template, Object... values) {
        return String.format(Locale.ROOT, template, values);
    }
}
