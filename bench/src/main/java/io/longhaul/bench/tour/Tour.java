package io.longhaul.bench.tour;

import io.longhaul.bench.api.MigrationFollower;
import io.longhaul.bench.api.MigrationFollower.ImpatienceException;
import io.longhaul.bench.api.PublicApi;
import io.longhaul.bench.cluster.ClusterException;
import io.longhaul.bench.cluster.ClusterSettings;
import io.longhaul.bench.cluster.Folders;
import io.longhaul.bench.cluster.HostSettings;
import io.longhaul.bench.cluster.LonghaulCluster;
import io.longhaul.bench.cluster.ProgramJars;
import io.longhaul.client.ApiException;
import io.longhaul.client.model.CreateMigration;
import io.longhaul.client.model.Migration;
import io.longhaul.client.model.Problem;
import io.longhaul.client.model.Receipt;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** What {@code ./run} does, from the first server to the receipt. One thread runs it; close() may come from another. */
public final class Tour implements AutoCloseable {
    static final String SOURCE = "host-a";
    static final String DESTINATION = "host-b";

    private static final Duration REFRESH_INTERVAL = Duration.ofMillis(250);

    private final TourOptions options;
    private final Display display;
    private final PrintStream receipts;
    private final RunLock lock;
    private final LonghaulCluster cluster;
    private final TourGuest guest;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Tour(TourOptions options, Display display, PrintStream receipts) {
        this.options = options;
        this.display = display;
        this.receipts = receipts;
        ClusterSettings settings = settings(options);
        this.lock = RunLock.take(
                options.folder(),
                "process " + ProcessHandle.current().pid() + ", API at " + settings.controlPlaneUrl());
        this.cluster = new LonghaulCluster(settings);
        this.guest = new TourGuest(cluster);
    }

    /** Exit status: 0 good, 1 not, 2 wrong arguments; after Ctrl-C what the shell gives for it. */
    public static void main(String[] arguments) {
        TourOptions options;
        try {
            options = TourOptions.parse(arguments);
        } catch (TourOptions.UsageException e) {
            System.err.println("run: " + e.getMessage());
            System.exit(2);
            return;
        }
        PrintStream view = options.json() ? System.err : System.out;
        System.exit(run(options, display(options, view), System.out));
    }

    private static Display display(TourOptions options, PrintStream view) {
        if (options.columns() == 0) {
            return new PlainDisplay(view, System::nanoTime);
        }
        return new TerminalDisplay(
                view,
                options.columns(),
                REFRESH_INTERVAL,
                System::nanoTime,
                Executors.newSingleThreadScheduledExecutor(task -> {
                    Thread thread = new Thread(task, "display");
                    thread.setDaemon(true);
                    return thread;
                }));
    }

    private static int run(TourOptions options, Display display, PrintStream receipts) {
        try (Tour tour = new Tour(options, display, receipts)) {
            Runtime.getRuntime().addShutdownHook(new Thread(tour::close, "stop"));
            return tour.run() ? 0 : 1;
        } catch (ClusterException e) {
            display.finish();
            display.say("run: " + e.getMessage());
            return 1;
        }
    }

    private static ClusterSettings settings(TourOptions options) {
        return new ClusterSettings(
                ProgramJars.ofCheckout(options.checkout()),
                options.folder(),
                options.port(),
                Map.of("longhaul.agents-port", Integer.toString(options.reportPort())),
                List.of(host(SOURCE, "west", 0, options), host(DESTINATION, "east", 1, options)));
    }

    private static HostSettings host(String name, String site, int index, TourOptions options) {
        return new HostSettings(
                name,
                site,
                options.agentPorts().get(index),
                options.transferPorts().get(index),
                Map.of());
    }

    private boolean run() {
        try {
            prepareFolder();
            startServers();
            boolean good = move();
            if (!options.once()) {
                serve();
            }
            return good;
        } catch (ApiException e) {
            Problem problem = PublicApi.problem(e).orElse(null);
            explain(problem == null ? unexplained(e) : "The control plane refused a request.", problem);
        } catch (ClusterException | ImpatienceException | IllegalStateException | UncheckedIOException e) {
            explain(Objects.requireNonNullElse(e.getMessage(), e.toString()), null);
        }
        return false;
    }

    /** The client's own words are of many lines, most of them headers. */
    private static String unexplained(ApiException e) {
        if (e.getCode() > 0) {
            return "The control plane answered with status " + e.getCode() + " and without a problem document.";
        }
        Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
        return "The control plane gave no answer: " + cause.getMessage();
    }

    /** Without --data every run starts from nothing; with it the history of earlier runs stays. */
    private void prepareFolder() {
        List<String> ended = cluster.endLeftovers();
        if (!ended.isEmpty()) {
            display.say("Ended what an earlier run left behind: " + String.join(", ", ended));
        }
        if (options.dataFolder().isEmpty()) {
            ClusterSettings settings = cluster.settings();
            Folders.remove(settings.controlPlaneFolder());
            settings.hosts().forEach(host -> Folders.remove(settings.hostFolder(host.name())));
            Folders.remove(settings.logFolder());
        }
        cluster.requireFreePorts();
        Folders.make(cluster.settings().logFolder());
    }

    private void startServers() throws ApiException {
        display.say(
                "Starting the control plane and the agents of " + SOURCE + " (west) and " + DESTINATION + " (east)");
        cluster.startServers();
        guest.build(options.checkout());
        cluster.awaitOnline();
        display.say("Both hosts are ONLINE; the API is at " + cluster.api().url() + ", to browse under /docs");
    }

    private boolean move() throws ApiException {
        guest.removeEarlierOne();
        display.say("Creating and starting the guest on " + SOURCE);
        guest.createAndStart();
        guest.awaitHealthy();
        display.say("The guest works and has checked its memory and its disk; moving it to " + DESTINATION);
        Migration accepted = cluster.api()
                .migrations()
                .createMigration(
                        new CreateMigration().vm(TourGuest.NAME).destination(DESTINATION),
                        UUID.randomUUID().toString());
        display.show(accepted);
        Migration ended = new MigrationFollower(cluster.api(), options.patience())
                .follow(accepted.getId(), migration -> {
                    display.show(migration);
                    return false;
                });
        display.finish();
        return report(ended);
    }

    private boolean report(Migration ended) {
        Receipt receipt = ended.getReceipt();
        if (receipt != null) {
            ReceiptText.lines(receipt).forEach(display::say);
            if (options.json()) {
                receipts.println(ReceiptText.json(receipt));
                receipts.flush();
            }
        }
        List<String> shortcomings = ReceiptText.shortcomings(receipt);
        if (!shortcomings.isEmpty()) {
            explain("The move was not good: " + String.join("; ", shortcomings), ended.getProblem());
        }
        return shortcomings.isEmpty();
    }

    private void explain(String message, @Nullable Problem problem) {
        if (closed.get()) {
            return; // it was told to stop, and what fails now fails because of that
        }
        display.finish();
        display.say("run: " + message);
        if (problem != null) {
            ReceiptText.lines(problem).forEach(display::say);
        }
        Path logs = cluster.settings().logFolder();
        display.say("Logs: " + logs + " (control-plane.log, " + SOURCE + ".log, " + DESTINATION + ".log)");
    }

    /** Returns only when a server has ended by itself. */
    private void serve() {
        display.say("Serving until Ctrl-C. Try:  curl -s " + cluster.api().url() + "/v1/migrations");
        throw new ClusterException(cluster.awaitEndOfAServer());
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            display.finish();
            display.say("Stopping the guest, the agents and the control plane");
            guest.stop();
            cluster.close();
            lock.close();
        }
    }
}
