package io.longhaul.agent.migrations;

import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.problems.ProblemDescription;
import io.longhaul.agent.problems.ProblemException;
import io.longhaul.agent.vms.GuestDefinitions;
import io.longhaul.agent.vms.MachineFiles;
import io.longhaul.agent.vms.MachineFiles.Arrival;
import io.longhaul.agent.vms.Machines.Ownership;
import io.longhaul.agent.vms.SeedFiles;
import io.longhaul.agent.vms.VmRecord.StoredBootFile;
import io.longhaul.api.agent.model.DiskState;
import io.longhaul.api.agent.model.PutIncoming;
import io.longhaul.engine.session.ExpectedPeer;
import io.longhaul.engine.session.IncomingOrder;
import io.longhaul.engine.session.MigrationEngine;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.OrderRefusedException;
import io.longhaul.engine.session.SessionToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares this host to receive machines. Thread safe. The command is written down and answered at once; the rest goes
 * on on the executor.
 */
public final class IncomingCommands {
    private static final Logger LOG = LoggerFactory.getLogger(IncomingCommands.class);

    private final MigrationEngine engine;
    private final Ownership ownership;
    private final Arrivals arrivals;
    private final MachineFiles files;
    private final GuestDefinitions guests;
    private final FetchBootFiles fetchBootFiles;
    private final Work work;

    public IncomingCommands(
            MigrationEngine engine,
            Ownership ownership,
            Arrivals arrivals,
            MachineFiles files,
            GuestDefinitions guests,
            FetchBootFiles fetchBootFiles,
            Work work) {
        this.engine = engine;
        this.ownership = ownership;
        this.arrivals = arrivals;
        this.files = files;
        this.guests = guests;
        this.fetchBootFiles = fetchBootFiles;
        this.work = work;
    }

    /** Accepts the command; the same again changes nothing. */
    void receive(String migrationId, PutIncoming command) {
        ownership.locks().with(command.getVmId(), () -> {
            String digest = work.digests().of(command);
            ArrivalRecord known = arrivals.find(migrationId).orElse(null);
            if (known != null) {
                requireSame(known.commandDigest().equals(digest), migrationId);
                return known;
            }
            requireSame(engine.find(migrationId).isEmpty(), migrationId);
            ownership.fence().admit(command.getVmId(), command.getEpoch());
            requireNotHere(command.getVmId());
            Plan plan = plan(migrationId, command, digest);
            begin(plan, command);
            return plan.arrival();
        });
    }

    /** An arrival that is written down and that nobody prepares would hold its machine until the next start. */
    private void begin(Plan plan, PutIncoming command) {
        ArrivalRecord planned = plan.arrival();
        try {
            work.executor().execute(() -> prepare(plan, command));
        } catch (RejectedExecutionException | Error e) {
            LOG.warn("The migration {} cannot be prepared: {}", planned.migrationId(), e.toString());
            end(
                    planned.migrationId(),
                    new ProblemDescription(
                            ProblemCode.BOOT_FILE_UNAVAILABLE,
                            "The machine's boot files were not fetched, for this host begins no more preparations now",
                            "too many arrivals being prepared, no room for a thread, or an agent that stops",
                            "fewer arrivals at once",
                            ""));
        }
    }

    /** Ends one that the engine does not have yet; does nothing else. */
    void end(String migrationId, @Nullable ProblemDescription why) {
        ArrivalRecord arrival = arrivals.find(migrationId).orElse(null);
        if (arrival == null) {
            return;
        }
        ownership.locks().with(arrival.vmId(), () -> {
            ArrivalRecord now = arrivals.find(migrationId).orElse(arrival);
            if (!now.ended() && engine.find(migrationId).isEmpty()) {
                arrivals.put(now.asEnded(why));
                // Closes the id, so that the engine refuses the order should it come after all.
                var unused = engine.abort(migrationId, now.vmId(), MigrationSide.Role.DESTINATION, now.epoch());
                files.sweep();
            }
            return now;
        });
        // A source that is silent would hold it, and the file that it has begun, for minutes.
        fetchBootFiles.cancel(migrationId);
        work.sink().changed(migrationId);
    }

    private Plan plan(String migrationId, PutIncoming command, String digest) {
        Map<String, Long> sizes = new HashMap<>();
        Map<String, Long> allocated = new HashMap<>();
        for (DiskState disk : command.getDisks()) {
            sizes.put(disk.getName(), disk.getVirtualSizeBytes());
            allocated.put(disk.getName(), disk.getAllocatedBytes());
        }
        List<StoredBootFile> bootFiles = command.getBootFiles().stream()
                .map(file -> new StoredBootFile(file.getKind(), file.getSha256(), file.getSizeBytes()))
                .toList();
        requireDigests(bootFiles);
        SeedFiles.Wish wish = SideModels.wish(command.getPolicy());
        AtomicReference<Plan> plan = new AtomicReference<>();
        var unused = files.planArrival(
                command.getVmId(),
                command.getDefinition(),
                command.getEpoch(),
                new Arrival(sizes, allocated, bootFiles),
                planned -> work.seeds().find(planned, wish),
                (planned, found) -> {
                    ArrivalRecord arrival =
                            ArrivalRecord.planned(migrationId, command.getEpoch(), digest, planned, found.claimed());
                    arrivals.put(arrival);
                    plan.set(new Plan(arrival, found));
                });
        return Objects.requireNonNull(plan.get());
    }

    /** They become file names. */
    private static void requireDigests(List<StoredBootFile> bootFiles) {
        for (StoredBootFile file : bootFiles) {
            if (!file.sha256().matches("[0-9a-f]{64}")) {
                throw new ProblemException(
                        ProblemCode.MALFORMED_REQUEST,
                        "A boot file's SHA-256 is not one",
                        file.sha256(),
                        "64 lower-case hexadecimal digits");
            }
        }
    }

    /** Runs on the executor: the named place where nothing may be lost. */
    private void prepare(Plan plan, PutIncoming command) {
        ArrivalRecord arrival = plan.arrival();
        try {
            fetchBootFiles.fetch(
                    arrival.migrationId(),
                    arrival.vmId(),
                    new FetchBootFiles.Source(command.getSourceHost(), command.getSourceAgentUrl()),
                    arrival.machine().bootFiles(),
                    () -> isWanted(arrival));
            ownership.locks().with(arrival.vmId(), () -> {
                hand(plan, command);
                return arrival;
            });
        } catch (IOException e) {
            LOG.warn("The migration {} is not prepared: {}", arrival.migrationId(), e.getMessage());
            end(
                    arrival.migrationId(),
                    new ProblemDescription(
                            ProblemCode.BOOT_FILE_UNAVAILABLE,
                            "A boot file of the machine could not be fetched from the source",
                            String.valueOf(e.getMessage()),
                            "the file as the source described it",
                            ""));
        } catch (RuntimeException | Error e) {
            LOG.error("The migration {} cannot be prepared", arrival.migrationId(), e);
            end(
                    arrival.migrationId(),
                    new ProblemDescription(
                            ProblemCode.INTERNAL_ERROR,
                            "The machine's arrival could not be prepared",
                            e.toString(),
                            "",
                            ""));
        }
        sweepUnlessWanted(arrival);
        work.sink().changed(arrival.migrationId());
    }

    /** It may have been ended while its files came: what came after that sweep is left to this one. */
    private void sweepUnlessWanted(ArrivalRecord arrival) {
        if (!isWanted(arrival)) {
            files.sweep();
        }
    }

    private boolean isWanted(ArrivalRecord arrival) {
        return arrivals.find(arrival.migrationId()).filter(now -> !now.ended()).isPresent();
    }

    private void hand(Plan plan, PutIncoming command) {
        ArrivalRecord arrival = plan.arrival();
        if (!isWanted(arrival)) {
            return;
        }
        try {
            var unused = engine.receive(new IncomingOrder(
                    arrival.migrationId(),
                    arrival.epoch(),
                    new ExpectedPeer(command.getSourceHost(), new SessionToken(command.getToken())),
                    guests.of(arrival.machine()),
                    SideModels.policy(command.getPolicy()),
                    plan.found().seeds(),
                    plan.found().notes()));
        } catch (OrderRefusedException e) {
            LOG.warn("The engine refused the migration {}: {}", arrival.migrationId(), e.getMessage());
            arrivals.put(arrival.asEnded(new ProblemDescription(
                    ProblemCode.COMMAND_CONFLICT,
                    "The migration's id cannot be used",
                    String.valueOf(e.getMessage()),
                    "an id that was never used",
                    "")));
        }
    }

    private void requireNotHere(UUID vmId) {
        if (ownership.store().find(vmId).isPresent()) {
            throw new ProblemException(
                    ProblemCode.VM_ALREADY_HERE,
                    "The machine " + vmId + " is already on this host",
                    "the machine on this host",
                    "a machine of another host");
        }
        ownership.hold().holderOf(vmId).ifPresent(holder -> {
            throw new ProblemException(
                    ProblemCode.VM_IN_MIGRATION,
                    "The machine " + vmId + " is held by the migration " + holder,
                    "the migration " + holder,
                    "no migration of the machine");
        });
    }

    static void requireSame(boolean same, String migrationId) {
        if (!same) {
            throw new ProblemException(
                    ProblemCode.COMMAND_CONFLICT,
                    "The id " + migrationId + " was used for another command",
                    "another command",
                    "the same command, or an id that was never used");
        }
    }

    /**
     * @param executor runs preparations, never on the caller's thread; bounded: refuses what is too much
     * @param digests tells commands apart
     * @param seeds finds what disks may begin with
     * @param sink hears of every change
     */
    public record Work(Executor executor, CommandDigests digests, SeedFiles seeds, ReportSink sink) {}

    private record Plan(ArrivalRecord arrival, SeedFiles.Found found) {}
}
