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

    private final Namespaces hosts;
    private final WanLink link;
    private final Path folder;
    private final String accelerator;
    private final Consumer<String> say;

    NativeSide(Namespaces hosts, WanLink link, Path folder, String accelerator, Consumer<String> say) {
        this.hosts = hosts;
        this.link = link;
        this.folder = folder;
        this.accelerator = accelerator;
        this.say = say;
    }

    @Override
    public Measurement move(Trial trial) {
        WorkGuest guest = trial.guest();
        Path here = folder.resolve("native-" + trial.run());
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
            return move(trial, source, destination, WorkGuest.allocatedBytes(sourceDisk));
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

    private Measurement move(Trial trial, NativeGuest source, NativeGuest destination, long diskBytes) {
        WanOptions options = trial.options();
        prepare(options, source.qmp(), destination.qmp());
        Settling.await(source.log(), Settling.LONG);
        link.mark();
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        boolean moved;
        long endNanos;
        WanLink.LinkCount count;
        try (Traffic traffic = Traffic.watch(link)) {
            long deadlineNanos = System.nanoTime() + options.deadline().toNanos();
            Optional<Span> copying = mirror(options, source.qmp(), deadlineNanos);
            moved = copying.isPresent() && transfer(source.qmp(), destination.qmp(), deadlineNanos);
            endNanos = System.nanoTime();
            count = link.count();
            copying.ifPresent(span -> {
                figures.putAll(CopyFigures.of(span, traffic, diskBytes, options.link()));
                options.extras().rateCapBytes().ifPresent(cap -> figures.putAll(CopyFigures.ofCap(span, traffic, cap)));
            });
        }
        figures.put(Figure.BYTES_ON_WIRE, (double) count.bytes());
        figures.putAll(memoryFigures(source.qmp()));
        if (moved) {
            Settling.await(destination.log(), trial.after());
            figures.put(Figure.DOWNTIME_MILLIS, downtimeMillis(source.qmp(), destination.qmp()));
        } else {
            say.accept("  not at the destination after " + options.deadline().toSeconds() + " s");
        }
        GuestStory story =
                new GuestStory(source.log().entries(), destination.log().entries(), count.firstNanos(), endNanos);
        return story.measure().with(figures);
    }

    private void prepare(WanOptions options, QmpClient source, QmpClient destination) {
        boolean multifd = options.nativeMode().multifd();
        String capabilities = "{\"capabilities\": [{\"capability\": \"events\", \"state\": true},"
                + " {\"capability\": \"pause-before-switchover\", \"state\": true},"
                + " {\"capability\": \"multifd\", \"state\": " + multifd + "}]}";
        // Bounded by the link, not by QEMU's default of 1 Gbit/s.
        String parameters =
                "{\"max-bandwidth\": " + options.extras().rateCapBytes().orElse(12_500_000_000L)
                        + ", \"downtime-limit\": 300"
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

    /** The part in which the mirror caught up; empty where it has not before the deadline. */
    private Optional<Span> mirror(WanOptions options, QmpClient source, long deadlineNanos) {
        long startNanos = System.nanoTime();
        startMirror(options, source);
        return source.awaitEvent(QmpClient.named("BLOCK_JOB_READY").or(NativeSide::isJobEnd), deadlineNanos)
                .filter(QmpClient.named("BLOCK_JOB_READY"))
                .map(ready -> new Span(startNanos, System.nanoTime()));
    }

    /** Returns whether the guest runs at the destination before the deadline. */
    private boolean transfer(QmpClient source, QmpClient destination, long deadlineNanos) {
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

    private void startMirror(WanOptions options, QmpClient source) {
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
                                + " \"copy-mode\": \"%s\", \"speed\": %d}",
                        JOB,
                        NativeGuest.DISK_NODE,
                        options.nativeMode().copyMode(),
                        options.extras().rateCapBytes().orElse(0)));
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

    private static Map<Figure, Double> memoryFigures(QmpClient source) {
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        JsonObject ram = source.execute("query-migrate").getAsJsonObject().getAsJsonObject("ram");
        if (ram != null) {
            double pages = ram.get("normal").getAsDouble();
            double rounds = Math.max(1, ram.get("dirty-sync-count").getAsDouble());
            figures.put(Figure.PAGES_SENT, pages);
            figures.put(Figure.MEMORY_ROUNDS, rounds);
            figures.put(Figure.PAGES_PER_ROUND, pages / rounds);
        }
        return figures;
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
