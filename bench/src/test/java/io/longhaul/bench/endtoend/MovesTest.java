package io.longhaul.bench.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.client.model.DiskDefinition;
import io.longhaul.client.model.DiskFormat;
import io.longhaul.client.model.DiskReceipt;
import io.longhaul.client.model.MigrationPolicy;
import io.longhaul.client.model.Receipt;
import io.longhaul.client.model.SourceDisks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("qemu")
class MovesTest {
    @RegisterExtension
    static final RunningCluster CLUSTER = new RunningCluster();

    private final Machines machines = new Machines(CLUSTER);

    @Test
    void movesARunningGuestBothWays() throws Exception {
        HostTraces destinationBefore = machines.traces(RunningCluster.DESTINATION);
        machines.healthyGuest("traveller");

        Receipt there = machines.moveWell(Machines.moveOf("traveller", RunningCluster.DESTINATION));
        assertThat(there.getDisksIdentical()).isTrue();
        assertThat(there.getDisks())
                .singleElement()
                .satisfies(disk -> assertThat(disk.getSourceDigest()).isEqualTo(disk.getDestinationDigest()));
        machines.requireHealthyOn("traveller", RunningCluster.DESTINATION);
        assertThat(pool(RunningCluster.SOURCE)).isEmptyDirectory();

        Receipt back = machines.moveWell(Machines.moveOf("traveller", RunningCluster.SOURCE));
        assertThat(back.getDisksIdentical()).isTrue();
        machines.requireHealthyOn("traveller", RunningCluster.SOURCE);
        machines.requireTraces(RunningCluster.DESTINATION, destinationBefore);
    }

    /** Else moves over a link that loses packets take twice as long, and only a line in the log tells. */
    @Test
    void theAgentMayLimitWhatItsConnectionsTakeAhead() throws Exception {
        Path agent = RunningCluster.jars().agent();
        try (JarFile jar = new JarFile(agent.toFile())) {
            assertThat(jar.getManifest().getMainAttributes().getValue("Add-Opens"))
                    .isEqualTo("java.base/sun.nio.ch");
        }
    }

    @Test
    void keepsTheSourcesQcow2DiskWhereAsked() throws Exception {
        DiskDefinition disk = machines.adoptedDisk("keeper", DiskFormat.QCOW2);
        machines.healthyGuest("keeper", List.of(disk));

        Receipt receipt = machines.moveWell(Machines.moveOf("keeper", RunningCluster.DESTINATION)
                .policy(new MigrationPolicy().sourceDisks(SourceDisks.KEEP)));

        assertThat(receipt.getDisksIdentical()).isTrue();
        Path kept = pool(RunningCluster.SOURCE).resolve("keeper.qcow2");
        assertThat(kept).exists();
        machines.requireHealthyOn("keeper", RunningCluster.DESTINATION);
        Files.delete(kept);
    }

    @Test
    void beginsWithATemplateThereAndWithTheOldCopyOnTheWayBack() throws Exception {
        DiskDefinition disk = machines.adoptedDisk("descendant", DiskFormat.QCOW2);
        Path old = pool(RunningCluster.SOURCE).resolve("descendant.qcow2");
        Path template = templates(RunningCluster.DESTINATION).resolve("base.qcow2");
        Files.copy(old, template);
        machines.healthyGuest("descendant", List.of(disk));

        Receipt there = machines.moveWell(Machines.moveOf("descendant", RunningCluster.DESTINATION)
                .policy(new MigrationPolicy().sourceDisks(SourceDisks.KEEP).seeds(Map.of("root", "base.qcow2"))));
        assertThat(there.getDisksIdentical()).isTrue();
        assertThat(there.getDiskBytesMatched()).isPositive();
        assertThat(there.getNotes()).singleElement().asString().contains("begins with a copy of", "base.qcow2");
        assertThat(old).exists();
        assertThat(template).exists();

        Receipt back = machines.moveWell(Machines.moveOf("descendant", RunningCluster.SOURCE)
                .policy(new MigrationPolicy().reuseExistingDisks(true).seeds(Map.of("root", "not-there.qcow2"))));
        assertThat(back.getDisksIdentical()).isTrue();
        assertThat(back.getDiskBytesMatched()).isPositive();
        assertThat(back.getNotes())
                .satisfiesExactlyInAnyOrder(
                        note -> assertThat(note).contains("not-there.qcow2", "no such file"),
                        note -> assertThat(note).contains("begins with", "descendant.qcow2", "overwritten"));
        assertThat(old).as("it is the disk now, under another name").doesNotExist();
        machines.requireHealthyOn("descendant", RunningCluster.SOURCE);
        Files.delete(template);
    }

    @Test
    void movesAGuestWithoutADisk() throws Exception {
        machines.healthyGuestWithoutDisk("diskless");
        Receipt receipt = machines.moveWell(Machines.moveOf("diskless", RunningCluster.DESTINATION));
        assertThat(receipt.getDisksIdentical()).isNotEqualTo(Boolean.FALSE);
        machines.requireHealthyOn("diskless", RunningCluster.DESTINATION);
    }

    @Test
    void movesTwoDisksOfWhichOneIsNewAndEmpty() throws Exception {
        DiskDefinition root = machines.adoptedDisk("two", DiskFormat.RAW);
        DiskDefinition empty =
                new DiskDefinition().name("empty").format(DiskFormat.QCOW2).sizeBytes(64L << 20);
        machines.healthyGuest("two", List.of(root, empty));

        Receipt receipt = machines.moveWell(Machines.moveOf("two", RunningCluster.DESTINATION));

        assertThat(receipt.getDisksIdentical()).isTrue();
        assertThat(receipt.getDisks()).extracting(DiskReceipt::getName).containsExactlyInAnyOrder("root", "empty");
        machines.requireHealthyOn("two", RunningCluster.DESTINATION);
    }

    private static Path templates(String host) {
        return CLUSTER.cluster().settings().hostFolder(host).resolve("templates");
    }

    private static Path pool(String host) {
        return CLUSTER.cluster().settings().poolFolder(host);
    }
}
