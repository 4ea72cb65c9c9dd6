package io.longhaul.agent.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.agent.fakes.ScriptedEngine;
import io.longhaul.agent.vms.EpochFence;
import io.longhaul.agent.vms.Machines.Ownership;
import io.longhaul.agent.vms.VmLocks;
import io.longhaul.agent.vms.VmRecord;
import io.longhaul.agent.vms.VmStore;
import io.longhaul.api.model.VmDefinition;
import io.longhaul.engine.session.MigrationSide.Role;
import io.longhaul.engine.session.SidePhase;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class OldEpochsTest {
    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final UUID GONE = new UUID(0, 1);
    private static final UUID HERE = new UUID(0, 2);
    private static final UUID MOVING = new UUID(0, 3);
    private static final UUID ARRIVING = new UUID(0, 4);

    @TempDir
    Path folder = Path.of("unset");

    @Test
    void onlyAMachineThatIsLongGoneLosesItsEpoch() {
        Clock then = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
        EpochFence fence = new EpochFence(folder, MAPPER, then);
        VmStore store = new VmStore(folder, MAPPER);
        Arrivals arrivals = new Arrivals(folder, MAPPER);
        ScriptedEngine engine = new ScriptedEngine();
        List.of(GONE, HERE, MOVING, ARRIVING).forEach(id -> fence.admit(id, 7));
        store.put(machine(HERE));
        engine.leave("m1", MOVING, Role.SOURCE, 7, SidePhase.COMPLETED);
        arrivals.put(new ArrivalRecord("m2", 7, "digest", machine(ARRIVING), null, false, null, false));
        Ownership ownership = new Ownership(store, fence, new VmLocks(), new EngineHold(engine, arrivals));

        new OldEpochs(ownership, engine, arrivals, Clock.offset(then, OldEpochs.KEPT)).prune();
        assertThat(fence.highest(GONE)).isEqualTo(7);

        new OldEpochs(ownership, engine, arrivals, Clock.offset(then, OldEpochs.KEPT.plus(Duration.ofSeconds(1))))
                .prune();
        EpochFence read = new EpochFence(folder, MAPPER, then);
        assertThat(read.highest(GONE)).isZero();
        assertThat(List.of(HERE, MOVING, ARRIVING)).allMatch(id -> read.highest(id) == 7);
    }

    private static VmRecord machine(UUID id) {
        return new VmRecord(id, 7, null, new VmDefinition("guest", 1L << 24), List.of(), List.of(), null, true, true);
    }
}
