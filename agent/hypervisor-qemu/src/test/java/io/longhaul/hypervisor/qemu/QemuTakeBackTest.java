package io.longhaul.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.SourceGuest;
import io.longhaul.engine.ledger.Ledger;
import io.longhaul.engine.ledger.LedgerException;
import io.longhaul.testkit.hypervisor.HypervisorStage.Side;
import io.longhaul.testkit.hypervisor.RecordedEvents;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real QEMU, and a ledger that cannot be written. */
@Tag("qemu")
final class QemuTakeBackTest {

    @Test
    void theGuestRunsAgainEvenWhereTheLedgerCannotBeWritten() throws Exception {
        QemuStage stage = QemuStage.open(DiskFormat.RAW);
        try (SourceGuest source = stage.hypervisor(Side.SOURCE)
                .openSource(stage.definition(Side.SOURCE), new FullLedger(), new RecordedEvents())) {
            var unused =
                    source.openDisk(stage.definition(Side.SOURCE).disks().get(0).name());
            ((QemuSourceGuest) source).monitor().execute("stop");
            assertThat(stage.runs(Side.SOURCE)).isFalse();
            assertThatThrownBy(source::takeBack).isInstanceOf(HypervisorException.class);
            assertThat(stage.runs(Side.SOURCE)).isTrue();
        } finally {
            stage.close();
        }
    }

    /** What is recorded is not released any more, as on a disk that has run full meanwhile. */
    private static final class FullLedger implements Ledger {
        @Override
        public void record(Artefact artefact) {
            // there was room then
        }

        @Override
        public void release(Artefact artefact) {
            throw new LedgerException("no space left", new IOException("No space left on device"));
        }

        @Override
        public List<Artefact> outstanding() {
            return List.of();
        }
    }
}
