package io.longhaul.controlplane.execution;

import static io.longhaul.controlplane.execution.MigrationAction.ABORT_BOTH;
import static io.longhaul.controlplane.execution.MigrationAction.CLEAN_UP;
import static io.longhaul.controlplane.execution.MigrationAction.CLOSE;
import static io.longhaul.controlplane.execution.MigrationAction.CLOSE_AND_FORGET;
import static io.longhaul.controlplane.execution.MigrationAction.HAND_OVER;
import static io.longhaul.controlplane.execution.MigrationAction.INFORM_SOURCE;
import static io.longhaul.controlplane.execution.MigrationAction.NOTHING;
import static io.longhaul.controlplane.execution.MigrationAction.PREPARE_DESTINATION;
import static io.longhaul.controlplane.execution.MigrationAction.START_SOURCE;
import static io.longhaul.controlplane.execution.MigrationPhase.CANCELLED;
import static io.longhaul.controlplane.execution.MigrationPhase.CANCELLING;
import static io.longhaul.controlplane.execution.MigrationPhase.COMPLETED;
import static io.longhaul.controlplane.execution.MigrationPhase.COMPLETING;
import static io.longhaul.controlplane.execution.MigrationPhase.COPYING_DISKS;
import static io.longhaul.controlplane.execution.MigrationPhase.COPYING_MEMORY;
import static io.longhaul.controlplane.execution.MigrationPhase.FAILED;
import static io.longhaul.controlplane.execution.MigrationPhase.FAILING;
import static io.longhaul.controlplane.execution.MigrationPhase.PREPARING;
import static io.longhaul.controlplane.execution.MigrationPhase.QUEUED;
import static io.longhaul.controlplane.execution.MigrationPhase.SWITCHING_OVER;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The one table of what follows what. Immutable.
 *
 * <p>A pair without a row cannot happen or changes nothing: reports are read as "how it is now", so an old or repeated
 * one makes no event, and nothing leads out of a terminal phase. DESTINATION_TOOK overrules cancelling and failing,
 * because from then on the guest is the destination's whatever was asked.
 */
final class MigrationStateMachine {

    /** One line of the table. */
    record Row(MigrationPhase phase, MigrationEvent event, MigrationPhase next, MigrationAction action) {}

    private record Key(MigrationPhase phase, MigrationEvent event) {}

    static final MigrationStateMachine TABLE = new MigrationStateMachine(List.of(
            new Row(QUEUED, MigrationEvent.START, PREPARING, PREPARE_DESTINATION),
            new Row(QUEUED, MigrationEvent.START_REFUSED, FAILED, CLOSE),
            new Row(QUEUED, MigrationEvent.CANCEL, CANCELLED, CLOSE),
            //
            new Row(PREPARING, MigrationEvent.DESTINATION_PREPARED, PREPARING, START_SOURCE),
            new Row(PREPARING, MigrationEvent.DISKS_COPYING, COPYING_DISKS, NOTHING),
            new Row(PREPARING, MigrationEvent.MEMORY_COPYING, COPYING_MEMORY, NOTHING),
            new Row(PREPARING, MigrationEvent.SWITCHOVER_BEGUN, SWITCHING_OVER, NOTHING),
            new Row(PREPARING, MigrationEvent.DESTINATION_TOOK, COMPLETING, HAND_OVER),
            new Row(PREPARING, MigrationEvent.SIDE_FAILED, FAILING, ABORT_BOTH),
            new Row(PREPARING, MigrationEvent.CANCEL, CANCELLING, ABORT_BOTH),
            //
            new Row(COPYING_DISKS, MigrationEvent.MEMORY_COPYING, COPYING_MEMORY, NOTHING),
            new Row(COPYING_DISKS, MigrationEvent.SWITCHOVER_BEGUN, SWITCHING_OVER, NOTHING),
            new Row(COPYING_DISKS, MigrationEvent.DESTINATION_TOOK, COMPLETING, HAND_OVER),
            new Row(COPYING_DISKS, MigrationEvent.SIDE_FAILED, FAILING, ABORT_BOTH),
            new Row(COPYING_DISKS, MigrationEvent.CANCEL, CANCELLING, ABORT_BOTH),
            //
            new Row(COPYING_MEMORY, MigrationEvent.SWITCHOVER_BEGUN, SWITCHING_OVER, NOTHING),
            new Row(COPYING_MEMORY, MigrationEvent.DESTINATION_TOOK, COMPLETING, HAND_OVER),
            new Row(COPYING_MEMORY, MigrationEvent.SIDE_FAILED, FAILING, ABORT_BOTH),
            new Row(COPYING_MEMORY, MigrationEvent.CANCEL, CANCELLING, ABORT_BOTH),
            new Row(SWITCHING_OVER, MigrationEvent.DESTINATION_TOOK, COMPLETING, HAND_OVER),
            new Row(SWITCHING_OVER, MigrationEvent.SIDE_FAILED, FAILING, ABORT_BOTH),
            // The guest stands still and the destination may never have heard of GRANT: it is asked to decide at once.
            new Row(SWITCHING_OVER, MigrationEvent.SOURCE_CUT_OFF, FAILING, ABORT_BOTH),
            // Cancel is passed on: the source obeys until it sends GRANT.
            new Row(SWITCHING_OVER, MigrationEvent.CANCEL, CANCELLING, ABORT_BOTH),
            // Point of no return.
            new Row(COMPLETING, MigrationEvent.SOURCE_UNINFORMED, COMPLETING, INFORM_SOURCE),
            new Row(COMPLETING, MigrationEvent.BOTH_COMPLETED, COMPLETING, CLEAN_UP),
            new Row(COMPLETING, MigrationEvent.CLEANED_UP, COMPLETED, CLOSE),
            //
            new Row(CANCELLING, MigrationEvent.CANCEL, CANCELLING, NOTHING),
            new Row(CANCELLING, MigrationEvent.DESTINATION_TOOK, COMPLETING, HAND_OVER),
            new Row(CANCELLING, MigrationEvent.SOURCE_UNINFORMED, CANCELLING, INFORM_SOURCE),
            new Row(CANCELLING, MigrationEvent.BOTH_ABORTED, CANCELLED, CLOSE_AND_FORGET),
            //
            new Row(FAILING, MigrationEvent.DESTINATION_TOOK, COMPLETING, HAND_OVER),
            new Row(FAILING, MigrationEvent.SOURCE_UNINFORMED, FAILING, INFORM_SOURCE),
            new Row(FAILING, MigrationEvent.BOTH_ABORTED, FAILED, CLOSE_AND_FORGET)));

    private final Map<Key, Row> rows = new LinkedHashMap<>();

    /** @throws IllegalArgumentException where the table contradicts itself */
    MigrationStateMachine(Collection<Row> table) {
        for (Row row : table) {
            if (row.phase().terminal()) {
                throw new IllegalArgumentException("A row leads out of a terminal phase: " + row);
            }
            if (rows.put(new Key(row.phase(), row.event()), row) != null) {
                throw new IllegalArgumentException("Two rows for one phase and event: " + row);
            }
        }
    }

    Optional<Row> row(MigrationPhase phase, MigrationEvent event) {
        return Optional.ofNullable(rows.get(new Key(phase, event)));
    }

    Collection<Row> rows() {
        return rows.values();
    }

    /** The table as a Mermaid state diagram; docs/migration-states.md holds a copy. */
    String diagram() {
        StringBuilder text = new StringBuilder("stateDiagram-v2\n    [*] --> QUEUED\n");
        for (Row row : rows.values()) {
            text.append("    ")
                    .append(row.phase())
                    .append(" --> ")
                    .append(row.next())
                    .append(": ")
                    .append(row.event());
            if (row.action() != NOTHING) {
                text.append(" / ").append(row.action());
            }
            text.append('\n');
        }
        for (MigrationPhase phase : MigrationPhase.values()) {
            if (phase.terminal()) {
                text.append("    ").append(phase).append(" --> [*]\n");
            }
        }
        return text.toString();
    }
}
