package io.longhaul.bench.wan;

import io.longhaul.bench.api.MigrationFollower;
import io.longhaul.bench.api.MigrationFollower.ImpatienceException;
import io.longhaul.bench.cluster.ClusterException;
import io.longhaul.bench.cluster.Folders;
import io.longhaul.bench.cluster.LonghaulCluster;
import io.longhaul.client.ApiException;
import io.longhaul.client.model.CreateMigration;
import io.longhaul.client.model.CreateVm;
import io.longhaul.client.model.GuestProbeState;
import io.longhaul.client.model.Migration;
import io.longhaul.client.model.MigrationState;
import io.longhaul.client.model.Receipt;
import io.longhaul.client.model.Vm;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.UUID;

/** What {@code ./bench/soak} does. One thread runs it; close() may come from another, and ends all that was started. */
public final class Soak implements AutoCloseable {
    private static final List<String> HOSTS = List.of("host-a", "host-b");
    private static final String GUEST = "traveller";
    private static final Duration HEALTHY_DEADLINE = Duration.ofMinutes(6);

    private final SoakOptions options;
    private WorkFolder work;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private boolean closed;

    private Soak(SoakOptions options) {
        this.options = options;
        this.work = WorkFolder.make(options.checkout(), options.keep());
    }

    /** Exit status: 0 all moves were good, 1 not, 2 wrong arguments; after Ctrl-C what the shell gives for it. */
    public static void main(String[] arguments) {
        SoakOptions options;
        try {
            options = SoakOptions.parse(arguments);
        } catch (WanOptions.UsageException e) {
            say("soak: " + e.getMessage());
            System.exit(2);
            return;
        }
        System.exit(run(options));
    }

    private static int run(SoakOptions options) {
        try (Soak soak = new Soak(options)) {
            Runtime.getRuntime().addShutdownHook(new Thread(soak::close, "stop"));
            soak.run();
            return 0;
        } catch (WanException | ClusterException | IllegalStateException | UncheckedIOException e) {
            say("soak: " + e.getMessage());
            return 1;
        } catch (ApiException e) {
            say("soak: the control plane refused a request: " + e.getMessage() + " " + e.getResponseBody());
            return 1;
        }
    }

    private static void say(String line) {
        System.out.println(line);
    }

    private void run() throws ApiException {
        boolean good = false;
        try {
            travel();
            good = true;
        } finally {
            if (!good) {
                keepWhatItLeft();
            }
        }
    }

    private void travel() throws ApiException {
        long seed = options.seed().orElseGet(() -> new SplittableRandom().nextLong() & Integer.MAX_VALUE);
        say("Soak of " + options.moves() + " moves, --seed " + seed);
        WanOptions wan = wanOptions();
        Namespaces hosts = open(Namespaces.make());
        WanLink link = open(EmulatedLink.open(options.emulator(), hosts, options.link()));
        WorkGuest guest = WorkGuest.build(wan, work.folder().resolve("guest"));
        LonghaulCluster cluster = open(new LonghaulCluster(OurSide.settings(wan, hosts, work.folder())));
        Folders.make(cluster.settings().logFolder());
        HOSTS.forEach(host -> Folders.make(cluster.settings().poolFolder(host)));
        cluster.start();
        Travel travel = new Travel(cluster, link, new SplittableRandom(seed), create(cluster, guest));
        travel.run();
    }

    /** One that is not good may not come again: its disks and logs are what there is to find out why. */
    private synchronized void keepWhatItLeft() {
        if (closed) {
            return;
        }
        work = work.keeping();
        say("Disks and logs: " + work.kept());
    }

    private WanOptions wanOptions() {
        return WanOptions.parse(
                "--checkout", options.checkout().toString(), "--workload", "mixed", "--memory", "256", "--disk", "256");
    }

    private Vm create(LonghaulCluster cluster, WorkGuest guest) throws ApiException {
        Path disk = cluster.settings().poolFolder(HOSTS.get(0)).resolve(GUEST + ".raw");
        guest.copyDisk(disk);
        return cluster.api()
                .vms()
                .createVm(
                        new CreateVm()
                                .host(HOSTS.get(0))
                                .definition(guest.definition(GUEST, String.valueOf(disk.getFileName()))),
                        null);
    }

    /** The guest's way, move by move. Owned by the thread of the soak. */
    private final class Travel {
        private final LonghaulCluster cluster;
        private final WanLink link;
        private final SplittableRandom random;
        private final SerialFiles serial;
        private int cuts;

        Travel(LonghaulCluster cluster, WanLink link, SplittableRandom random, Vm vm) {
            this.cluster = cluster;
            this.link = link;
            this.random = random;
            this.serial = new SerialFiles(cluster.settings(), vm.getId());
        }

        void run() throws ApiException {
            TickStory story = new TickStory();
            SerialLog here = open(serial.follow(HOSTS.get(0)));
            cluster.api().vms().startVm(GUEST);
            awaitHealthy();
            for (int move = 1; move <= options.moves(); move++) {
                String destination = HOSTS.get(move % HOSTS.size());
                SerialLog there = open(serial.follow(destination));
                String line = move(move, destination);
                awaitHealthy();
                here.close();
                story.add(here.heard());
                here = there;
                say(line + ", " + story.ticks() + " ticks");
            }
            here.close();
            story.add(here.heard());
            say("All " + options.moves() + " moves were good, with " + cuts + " cuts; " + story.ticks()
                    + " ticks, each printed once");
        }

        private String move(int move, String destination) throws ApiException {
            try (RandomCuts planned =
                    RandomCuts.start(link, random.split(), options.cutsPerMove(), options.longestCut())) {
                Migration accepted = cluster.api()
                        .migrations()
                        .createMigration(
                                new CreateMigration().vm(GUEST).destination(destination),
                                UUID.randomUUID().toString());
                Migration ended = new MigrationFollower(cluster.api(), options.patience()).awaitEnd(accepted.getId());
                requireGood(move, ended, planned);
                cuts += planned.made();
                Receipt receipt = ended.getReceipt();
                return String.format(
                        Locale.ROOT,
                        "move %d to %s: %d ms, downtime %s ms, disks identical, %s",
                        move,
                        destination,
                        receipt == null ? 0 : receipt.getDurationMillis(),
                        receipt == null ? "?" : receipt.getDowntimeMillis(),
                        planned.describe());
            } catch (ImpatienceException e) {
                throw new WanException("Move " + move + ": " + e.getMessage(), e);
            }
        }

        private void requireGood(int move, Migration ended, RandomCuts planned) {
            Receipt receipt = ended.getReceipt();
            boolean good = ended.getState() == MigrationState.COMPLETED
                    && receipt != null
                    && Boolean.TRUE.equals(receipt.getDisksIdentical())
                    && !Boolean.FALSE.equals(receipt.getGuestHealthy());
            if (!good) {
                throw new WanException("Move " + move + " ended as " + ended.getState() + " with " + planned.describe()
                        + ": " + ended.getProblem() + "\n" + receipt + "\n" + cluster.logTails(30));
            }
        }

        /** By its checks after the last move, not those before. */
        private void awaitHealthy() throws ApiException {
            long deadlineNanos = System.nanoTime() + HEALTHY_DEADLINE.toNanos();
            GuestProbeState state = GuestProbeState.WAITING;
            while (state != GuestProbeState.HEALTHY) {
                if (state == GuestProbeState.UNHEALTHY || System.nanoTime() > deadlineNanos) {
                    throw new WanException("The guest does not work (" + state + "). The end of what it wrote:\n"
                            + cluster.api().vms().getSerialLog(GUEST, 2000));
                }
                cluster.pause();
                state = cluster.api().vms().getVm(GUEST).getGuestProbe().getState();
            }
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
                say("soak: " + e.getMessage()); // one that cannot be closed must not keep the others from it
            }
        }
    }
}
