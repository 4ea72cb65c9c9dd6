package io.longhaul.bench.wan;

import io.longhaul.bench.wan.WanOptions.LinkKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Two hosts, a link, and on the hosts the two ways to move a guest: made once, then used for one measurement after the
 * other. One thread uses it; close() may come from another, and ends all that was started, the last first.
 */
final class Testbed implements AutoCloseable {
    private final WanOptions first;
    private final Path folder;
    private final Duration after;
    private final Consumer<String> say;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Namespaces hosts;
    private final WanLink link;
    private @Nullable OurSide ours;
    private LinkProperties current;
    private boolean closed;

    /**
     * @param options of the link, and of the agents
     * @param after how long a guest is watched after its move
     */
    Testbed(WanOptions options, Path folder, Duration after, Consumer<String> say) {
        this.first = options;
        this.current = options.link();
        this.folder = folder;
        this.after = after;
        this.say = say;
        this.hosts = open(Namespaces.make());
        try {
            this.link = open(link(options));
        } catch (WanException e) {
            close();
            throw e;
        }
    }

    private WanLink link(WanOptions options) {
        LinkKind kind = options.linkKind();
        if (kind == LinkKind.DIRECT) {
            return NetemLink.openDirect(hosts);
        }
        boolean netem = kind == LinkKind.NETEM || kind == LinkKind.AUTO && NetemLink.isAvailable(hosts);
        return netem
                ? NetemLink.open(hosts, options.link())
                : EmulatedLink.open(options.emulator(), hosts, options.link());
    }

    Namespaces hosts() {
        return hosts;
    }

    WanLink link() {
        return link;
    }

    Result measure(WanOptions options) {
        return measure(options, Optional.empty());
    }

    /**
     * With the link as these options have it.
     *
     * @param reference with a cut, what it is compared with; where there is none, the same is moved without a cut first
     */
    Result measure(WanOptions options, Optional<Measurement> reference) {
        if (!options.link().equals(current)) {
            link.set(options.link());
            current = options.link();
        }
        say.accept("Building the guest");
        // Always in one place: the agents know boot files by their paths.
        WorkGuest guest = WorkGuest.build(options, folder.resolve("guest"));
        Map<Side, MovingSide> sides = sides(options, guest);
        Map<Side, List<Measurement>> runs = new EnumMap<>(Side.class);
        for (int run = 1; run <= options.runs(); run++) {
            for (Map.Entry<Side, MovingSide> side : sides.entrySet()) {
                say.accept("Run " + run + " of " + options.runs() + ", "
                        + side.getKey().label());
                Measurement measured = measure(
                        side.getValue(),
                        new Trial(options, guest, run, options.extras().cut(), after),
                        reference);
                runs.computeIfAbsent(side.getKey(), key -> new ArrayList<>()).add(measured);
                say.accept("  " + summary(measured));
            }
        }
        guest.removeDisk();
        return new Result(runs, RunSettings.of(options, link.kind()));
    }

    private Measurement measure(MovingSide side, Trial trial, Optional<Measurement> reference) {
        if (trial.cut().isEmpty()) {
            return side.move(trial);
        }
        Measurement whole = reference.orElseGet(() -> side.move(trial.withoutCut()));
        say.accept("  without a cut: " + summary(whole));
        Measurement measured = side.move(trial);
        Map<Figure, Double> more = new EnumMap<>(Figure.class);
        Optional<Double> before = whole.figure(Figure.BYTES_ON_WIRE);
        Optional<Double> during = measured.figure(Figure.BYTES_ON_WIRE);
        if (before.isPresent() && during.isPresent() && measured.converged()) {
            more.put(Figure.BYTES_SENT_AGAIN, Math.max(0, during.get() - before.get()));
        }
        whole.figure(Figure.WRITE_MAX_DURING_MILLIS)
                .ifPresent(longest -> more.put(Figure.WRITE_MAX_WITHOUT_CUT_MILLIS, longest));
        return measured.with(more);
    }

    private static String summary(Measurement measured) {
        return "total " + ResultText.amount(measured.figure(Figure.TOTAL_MILLIS)) + " ms, guest's downtime "
                + ResultText.amount(measured.figure(Figure.GUEST_DOWNTIME_MILLIS)) + " ms, p99 of writes "
                + ResultText.amount(measured.figure(Figure.WRITE_P99_BEFORE_MILLIS)) + " ms before, "
                + ResultText.amount(measured.figure(Figure.WRITE_P99_DURING_MILLIS)) + " ms during";
    }

    private Map<Side, MovingSide> sides(WanOptions options, WorkGuest guest) {
        Map<Side, MovingSide> sides = new EnumMap<>(Side.class);
        if (options.sides().contains(Side.OURS)) {
            sides.put(Side.OURS, ours(guest));
        }
        if (options.sides().contains(Side.NATIVE)) {
            String accelerator = ours == null ? "tcg" : ours.accelerator();
            sides.put(Side.NATIVE, new NativeSide(hosts, link, folder, accelerator, say));
        }
        return sides;
    }

    private OurSide ours(WorkGuest guest) {
        OurSide running = ours;
        if (running == null) {
            say.accept("Starting the control plane and two agents");
            running = open(OurSide.of(first, hosts, link, folder, say));
            running.start(guest);
            ours = running;
        }
        return running;
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
    }

    /** One that cannot be closed must not keep the others from it. */
    private void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            say.accept("wan: " + e.getMessage());
        }
    }
}
