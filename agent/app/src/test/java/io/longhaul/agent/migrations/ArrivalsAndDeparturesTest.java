package io.longhaul.agent.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.agent.fakes.ScriptedEngine;
import io.longhaul.agent.vms.VmRecord;
import io.longhaul.agent.vms.VmRecord.StoredDisk;
import io.longhaul.api.model.DiskFormat;
import io.longhaul.api.model.VmDefinition;
import io.longhaul.engine.session.MigrationSide;
import io.longhaul.engine.session.SidePhase;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class ArrivalsAndDeparturesTest {
    private static final UUID GUEST = new UUID(1, 2);
    private static final UUID OTHER = new UUID(3, 4);

    @TempDir
    Path folder;

    @Test
    void onlyAForgottenDepartureOfTheMachineItselfIsAnEarlierStay() {
        ScriptedEngine engine = new ScriptedEngine();
        Arrivals arrivals = new Arrivals(folder, JsonMapper.shared());
        Departures departures = new Departures(folder, JsonMapper.shared());
        departures.put(new DepartureRecord("old", 2, machine(GUEST, "/pool/old")));
        departures.put(new DepartureRecord("newer", 4, machine(GUEST, "/pool/newer")));
        departures.put(new DepartureRecord("running", 6, machine(GUEST, "/pool/running")));
        departures.put(new DepartureRecord("others", 2, machine(OTHER, "/pool/others")));
        var unused = engine.leave("running", GUEST, MigrationSide.Role.SOURCE, 6, SidePhase.RELEASED);
        arrivals.put(
                ArrivalRecord.planned("coming", 7, "digest", machine(GUEST, "/pool/coming"), List.of("/pool/claimed")));

        ArrivalsAndDepartures passing = new ArrivalsAndDepartures(engine, arrivals, departures);

        assertThat(passing.earlierStays(GUEST))
                .flatExtracting(VmRecord::disks)
                .extracting(StoredDisk::file)
                .containsExactly("/pool/newer", "/pool/old");
        assertThat(passing.disksOfOthers(GUEST))
                .extracting(Path::toString)
                .containsExactlyInAnyOrder("/pool/running", "/pool/others", "/pool/coming", "/pool/claimed");
    }

    /** Or a retry would find the file that an arrival gave back in use, and begin with nothing. */
    @Test
    void anArrivalThatHasEndedClaimsNothingButItsOwnDisks() {
        Arrivals arrivals = new Arrivals(folder, JsonMapper.shared());
        Departures departures = new Departures(folder, JsonMapper.shared());
        ArrivalRecord coming =
                ArrivalRecord.planned("refused", 7, "digest", machine(GUEST, "/pool/coming"), List.of("/pool/claimed"));
        arrivals.put(coming.asEnded(null));

        assertThat(new ArrivalsAndDepartures(new ScriptedEngine(), arrivals, departures).disksOfOthers(GUEST))
                .extracting(Path::toString)
                .containsExactly("/pool/coming");
    }

    private static VmRecord machine(UUID id, String file) {
        StoredDisk disk = new StoredDisk("root", file, DiskFormat.RAW, 512, true);
        return new VmRecord(id, 1, null, new VmDefinition("web", 1L << 24), List.of(disk), List.of(), null, true, true);
    }
}
