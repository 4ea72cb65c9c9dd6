package io.longhaul.bench.wan;

import io.longhaul.bench.cluster.ClusterException;
import io.longhaul.bench.cluster.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/** What {@code ./bench/wan} does. One thread runs it; close() may come from another, and ends all that was started. */
public final class WanBenchmark implements AutoCloseable {
    private final WanOptions options;
    private final WorkFolder work;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private boolean closed;

    private WanBenchmark(WanOptions options) {
        this.options = options;
        this.work = WorkFolder.make(options.checkout(), options.keep());
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
        switch (options.task()) {
            case PLAN_OF_SUITE -> {
                Suite.describe(options, WanBenchmark::say);
                return 0;
            }
            case PLAN_OF_MOVES -> {
                say(options.runs() + " x " + options.sides() + ": " + RunSettings.title(options) + ", to "
                        + options.out().resolve(RunSettings.name(options)) + ".json and .svg");
                return 0;
            }
            case MOVES, SUITE, SELF_TEST -> {
                return measure(options);
            }
        }
        throw new IllegalStateException("no task");
    }

    private static int measure(WanOptions options) {
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
        if (options.task() == WanOptions.Task.SUITE) {
            return publish(open(new Suite(options, work, WanBenchmark::say)).run());
        }
        Testbed testbed = open(new Testbed(options, work.folder(), Settling.LONG, WanBenchmark::say));
        if (options.task() == WanOptions.Task.SELF_TEST) {
            return new SelfTest(testbed.hosts(), WanBenchmark::say).passes(options.link());
        }
        Result result = testbed.measure(options);
        publish(result);
        return isWhole(result);
    }

    private static boolean isWhole(Result result) {
        if (result.guestFailures() > 0) {
            say("wan: the guest found " + result.guestFailures() + " failures in its memory or disk: see the logs");
        }
        return result.guestFailures() == 0;
    }

    private void publish(Result result) {
        ResultText.table(result).forEach(WanBenchmark::say);
        String name = RunSettings.name(options);
        String json = ResultText.json(result);
        write(name + ".json", json + "\n");
        write(name + ".svg", Chart.svg(result, RunSettings.title(options)));
        say("Written: " + options.out().resolve(name) + ".json and .svg");
        print(json);
    }

    private boolean publish(Map<String, Result> results) {
        List<SuiteBar> bars = SuiteBar.all(results);
        String json = SuiteText.json(bars, results);
        String table = SuiteText.markdown(bars, results);
        write("suite.json", json + "\n");
        write("suite.md", table);
        write("suite.svg", SuiteText.svg(bars));
        table.lines().forEach(WanBenchmark::say);
        say("Written: " + options.out().resolve("suite") + ".json, .md and .svg");
        print(json);
        return results.values().stream().map(WanBenchmark::isWhole).reduce(true, Boolean::logicalAnd);
    }

    private void write(String name, String text) {
        Path file = options.out().resolve(name);
        try {
            Folders.make(options.out());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException("The result could not be written: " + e.getMessage(), e);
        }
    }

    private void print(String json) {
        if (options.json()) {
            System.out.println(json);
            System.out.flush();
        }
    }

    private synchronized <T extends AutoCloseable> T open(T resource) {
        opened.push(resource);
        if (closed) {
            closeAll();
            throw new WanException("Stopped");
        }
        return resource;
    }

    @Override
    public synchronized void close() {
        closed = true;
        closeAll();
        work.close();
    }

    private void closeAll() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                say("wan: " + e.getMessage()); // one that cannot be closed must not keep the others from it
            }
        }
    }
}
