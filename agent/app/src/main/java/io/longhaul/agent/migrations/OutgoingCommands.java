package io.longhaul.agent.migrations;

import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.problems.ProblemException;
import io.longhaul.agent.vms.GuestDefinitions;
import io.longhaul.agent.vms.Machines;
import io.longhaul.agent.vms.Machines.Ownership;
import io.longhaul.agent.vms.VmRecord;
import io.longhaul.api.agent.model.PutOutgoing;
import io.longhaul.api.model.VmState;
import io.longhaul.engine.session.ExpectedPeer;
import io.longhaul.engine.session.MigrationEngine;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.OrderRefusedException;
import io.longhaul.engine.session.OutgoingOrder;
import io.longhaul.engine.session.SessionToken;
import java.net.InetSocketAddress;
import java.util.Set;

/** Starts to move machines away. Thread safe; does not block longer than the engine's journal takes. */
public final class OutgoingCommands {
    private final MigrationEngine engine;
    private final Ownership ownership;
    private final Machines machines;
    private final GuestDefinitions guests;

    public OutgoingCommands(MigrationEngine engine, Ownership ownership, Machines machines, GuestDefinitions guests) {
        this.engine = engine;
        this.ownership = ownership;
        this.machines = machines;
        this.guests = guests;
    }

    /** Accepts the command; the same again changes nothing. */
    MigrationSide send(String migrationId, PutOutgoing command) {
        return ownership.locks().with(command.getVmId(), () -> {
            MigrationSide known = engine.find(migrationId).orElse(null);
            if (known != null) {
                return again(known, command);
            }
            ownership.fence().admit(command.getVmId(), command.getEpoch());
            VmRecord machine = ownership.store().require(command.getVmId());
            requireMovable(machine);
            return order(migrationId, command, machine);
        });
    }

    /** The engine compares orders, but only while the machine is here: afterwards its definition is not. */
    private MigrationSide again(MigrationSide known, PutOutgoing command) {
        IncomingCommands.requireSame(
                known.role() == MigrationSide.Role.SOURCE
                        && known.guestId().equals(command.getVmId())
                        && known.epoch() == command.getEpoch(),
                known.migrationId());
        return ownership
                .store()
                .find(command.getVmId())
                .filter(machine -> !known.status().phase().terminal())
                .map(machine -> order(known.migrationId(), command, machine))
                .orElse(known);
    }

    private MigrationSide order(String migrationId, PutOutgoing command, VmRecord machine) {
        try {
            return engine.send(new OutgoingOrder(
                    migrationId,
                    command.getEpoch(),
                    new ExpectedPeer(command.getDestinationHost(), new SessionToken(command.getToken())),
                    guests.of(machine),
                    address(command.getTransferAddress()),
                    Set.copyOf(command.getBlankDisks()),
                    SideModels.policy(command.getPolicy())));
        } catch (OrderRefusedException e) {
            throw new ProblemException(
                    ProblemCode.COMMAND_CONFLICT,
                    "The id " + migrationId + " cannot be used",
                    String.valueOf(e.getMessage()),
                    "the same command, or an id that was never used");
        }
    }

    private void requireMovable(VmRecord machine) {
        ownership.hold().holderOf(machine.id()).ifPresent(holder -> {
            throw new ProblemException(
                    ProblemCode.VM_IN_MIGRATION,
                    "The machine " + machine.definition().getName() + " is held by the migration " + holder,
                    "the migration " + holder,
                    "no migration of the machine");
        });
        VmState state = machines.state(machine);
        if (state != VmState.RUNNING) {
            throw new ProblemException(
                    ProblemCode.VM_NOT_RUNNING,
                    "The machine " + machine.definition().getName() + " cannot be moved while it does not run",
                    state.getValue(),
                    VmState.RUNNING.getValue());
        }
    }

    private static InetSocketAddress address(String hostAndPort) {
        int colon = hostAndPort.lastIndexOf(':');
        try {
            String host = hostAndPort.substring(0, colon).replaceAll("^\\[|]$", "");
            return new InetSocketAddress(host, Integer.parseInt(hostAndPort.substring(colon + 1)));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new ProblemException(
                    ProblemCode.MALFORMED_REQUEST,
                    "The transfer address is not one",
                    hostAndPort,
                    "host:port, such as 192.0.2.7:7071");
        }
    }
}
