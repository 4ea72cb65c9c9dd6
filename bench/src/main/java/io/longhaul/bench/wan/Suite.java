package io.longhaul.bench.wan;

import io.longhaul.bench.cluster.ClusterException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures one case after the other. One thread runs it; close() may come from another.
 *
 * <p>A case that fails is said and left out: its lines of the table are then not measured, and all others are.
 */
final class Suite implements AutoCloseable {
    private final WanOptions options;
    private final WorkFolder work;
    private final Consumer<String> say;
    private @Nullable Testbed testbed;
    private int testbeds;
    private boolean closed;

    Suite(WanOptions options, WorkFolder work, Consumer<String> say) {
        this.options = options;
        this.work = work;
        this.say = say;
    }

    static void describe(WanOptions options, Consumer<String> say) {
        List<SuiteCase> cases = SuiteCase.all(options);
        long seconds = 60;
        for (SuiteCase each : cases) {
            say.accept(String.format("%-16s about %4d s   %s", each.name(), each.seconds(), each.arguments()));
            seconds += each.seconds();
        }
        say.accept("in all about " + Duration.ofSeconds(seconds).toMinutes() + " minutes, with " + options.runs()
                + (options.runs() == 1 ? " run" : " runs") + " of each");
    }

    Map<String, Result> run() {
        Map<String, Result> results = new LinkedHashMap<>();
        List<SuiteCase> cases = SuiteCase.all(options);
        for (int i = 0; i < cases.size(); i++) {
            SuiteCase each = cases.get(i);
            say.accept("Case " + (i + 1) + " of " + cases.size() + ", " + each.name() + ": " + each.arguments());
            boolean fresh = i == 0 || cases.get(i - 1).direct() != each.direct();
            try {
                Optional<Measurement> reference = each.reference().flatMap(name -> reference(results, name));
                results.put(each.name(), testbed(each, fresh).measure(each.options(), reference));
            } catch (WanException | ClusterException | IllegalStateException | UncheckedIOException e) {
                if (isClosed()) {
                    throw e;
                }
                say.accept("  this case failed: " + e.getMessage());
                replace(null); // whatever it left is no ground for the next
            }
        }
        return results;
    }

    private static Optional<Measurement> reference(Map<String, Result> results, String name) {
        return Optional.ofNullable(results.get(name)).flatMap(result -> result.median(Side.OURS));
    }

    private Testbed testbed(SuiteCase next, boolean fresh) {
        Testbed running = testbed;
        if (running != null && !fresh) {
            return running;
        }
        replace(null);
        if (testbeds > 0) {
            work.startOver(testbeds); // new agents must not find the machines of those before
        }
        testbeds++;
        Testbed made = new Testbed(next.options(), work.folder(), Settling.SHORT, say);
        replace(made);
        return made;
    }

    private synchronized void replace(@Nullable Testbed next) {
        Testbed before = testbed;
        if (before != null) {
            before.close();
        }
        testbed = next;
        if (closed && next != null) {
            next.close();
            throw new WanException("Stopped");
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized void close() {
        closed = true;
        replace(null);
    }
}
