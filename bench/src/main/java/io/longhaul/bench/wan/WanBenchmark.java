package io.longhaul.bench.wan;

import io.longhaul.bench.cluster.ClusterException;
import io.longhaul.bench.cluster.Folders;
import io.longhaul.bench.wan.WanOptions.LinkKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code ./bench/wan} does. One thread runs it; close() may come from another, and ends all that was started, the
 * last first.
 */
public final class WanBenchmark implements AutoCloseable {
    private final WanOptions options;
    private final WorkFolder work;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private boolean closed;

    private WanBenchmark(WanOptions options) {
        this.options = options;
        this.work = WorkFolder.make(options);
    }

    /** Exit status: 0 measured, 1 not, 2 wrong arguments; after Ctrl-C what the shell gives for it. */
    public static void main(String[] arguments) {
        WanOptions options;
        try {
            options = WanOptions.parse(arguments);
        } catch (WanOptions.UsageException e) {
            say("wan: " + e.getMessage());
            System.exit(2);
            return;
        }
        System.exit(run(options));
    }

    private static int run(WanOptions options) {
        try (WanBenchmark benchmark = new WanBenchmark(options)) {
            Runtime.getRuntime().addShutdownHook(new Thread(benchmark::close, "stop"));
            return benchmark.run() ? 0 : 1;
        } catch (WanException | ClusterException | IllegalStateException | UncheckedIOException e) {
            say("wan: " + e.getMessage());
            return 1;
        }
    }

    /** Standard output belongs to the result. */
    private static void say(String line) {
        System.err.println(line);
    }

    private boolean run() {
        Namespaces hosts = open(Namespaces.make());
        WanLink link = open(link(hosts));
        if (options.selfTest()) {
            return new SelfTest(hosts, WanBenchmark::say).passes(options.link());
        }
        say("Building the guest");
        WorkGuest guest = WorkGuest.build(options, work.folder().resolve("guest"));
        Map<Side, MovingSide> sides = sides(guest, hosts, link);
        Result result = new Result(measure(sides), RunSettings.of(options, link.kind()));
        publish(result);
        if (result.guestFailures() > 0) {
            say("wan: the guest found " + result.guestFailures() + " failures in its memory or disk: see the logs");
        }
        return result.guestFailures() == 0;
    }

    private WanLink link(Namespaces hosts) {
        boolean netem = options.linkKind() == LinkKind.NETEM
                || options.linkKind() == LinkKind.AUTO && NetemLink.isAvailable(hosts);
        return netem
                ? NetemLink.open(hosts, options.link())
                : EmulatedLink.open(options.emulator(), hosts, options.link());
    }

    private Map<Side, MovingSide> sides(WorkGuest guest, Namespaces hosts, WanLink link) {
        Map<Side, MovingSide> sides = new EnumMap<>(Side.class);
        String accelerator = "tcg";
        if (options.sides().contains(Side.OURS)) {
            say("Starting the control plane and two agents");
            OurSide ours = open(OurSide.of(options, guest, hosts, link, work.folder(), WanBenchmark::say));
            ours.start();
            accelerator = ours.accelerator();
            sides.put(Side.OURS, ours);
        }
        if (options.sides().contains(Side.NATIVE)) {
            sides.put(
                    Side.NATIVE,
                    new NativeSide(options, guest, hosts, link, work.folder(), accelerator, WanBenchmark::say));
        }
        return sides;
    }

    private Map<Side, List<Measurement>> measure(Map<Side, MovingSide> sides) {
        Map<Side, List<Measurement>> runs = new EnumMap<>(Side.class);
        for (int run = 1; run <= options.runs(); run++) {
            for (Map.Entry<Side, MovingSide> side : sides.entrySet()) {
                say("Run " + run + " of " + options.runs() + ", "
                        + side.getKey().label());
                Measurement measured = side.getValue().move(run);
                runs.computeIfAbsent(side.getKey(), key -> new ArrayList<>()).add(measured);
                say("  total " + ResultText.amount(measured.figure(Figure.TOTAL_MILLIS)) + " ms, guest's downtime "
                        + ResultText.amount(measured.figure(Figure.GUEST_DOWNTIME_MILLIS)) + " ms, p99 of writes "
                        + ResultText.amount(measured.figure(Figure.WRITE_P99_BEFORE_MILLIS)) + " ms before, "
                        + ResultText.amount(measured.figure(Figure.WRITE_P99_DURING_MILLIS)) + " ms during");
            }
        }
        return runs;
    }

    private void publish(Result result) {
        ResultText.table(result).forEach(WanBenchmark::say);
        String name = RunSettings.name(options);
        String json = ResultText.json(result);
        try {
            Folders.make(options.out());
            Files.writeString(options.out().resolve(name + ".json"), json + "\n");
            Files.writeString(options.out().resolve(name + ".svg"), Chart.svg(result, RunSettings.title(options)));
        } catch (IOException e) {
            throw new UncheckedIOException("The result could not be written: " + e.getMessage(), e);
        }
        say("Written: " + options.out().resolve(name) + ".json and .svg");
        if (options.json()) {
            System.out.println(json);
            System.out.flush();
        }
    }

    private synchronized <T extends AutoCloseable> T open(T resource) {
        if (closed) {
            closeQuietly(resource);
            throw new WanException("Stopped");
        }
        opened.push(resource);
        return resource;
    }

    @Override
    public synchronized void close() {
        closed = true;
        while (!opened.isEmpty()) {
            closeQuietly(opened.pop());
        }
        work.close();
    }

    /** One that cannot be closed must not keep the others from it. */
    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            say("wan: " + e.getMessage());
        }
    }
}
