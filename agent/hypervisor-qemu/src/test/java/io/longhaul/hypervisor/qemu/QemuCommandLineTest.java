package io.longhaul.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.GuestDefinition.Boot;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import io.longhaul.engine.hypervisor.GuestDefinition.NetworkInterface;
import io.longhaul.engine.hypervisor.HypervisorException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class QemuCommandLineTest {
    private static final UUID GUEST = UUID.fromString("0d5b4d7e-0001-4002-8003-000000000001");
    private static final QemuSettings SETTINGS = QemuSettings.defaults(Path.of("/run/l,h"));

    private static GuestDefinition definition() {
        return new GuestDefinition(
                GUEST,
                "a,b",
                2,
                1L << 30,
                "pc-q35-10.0",
                "qemu64,+avx",
                new Boot(
                        Optional.empty(),
                        Optional.of(Path.of("/boot/vmlinuz")),
                        Optional.of(Path.of("/boot/initrd,x")),
                        "console=ttyS0"),
                List.of(new Disk("root", Path.of("/images/a,b.raw"), DiskFormat.RAW, 1 << 20)),
                List.of(
                        new NetworkInterface("52:54:00:00:00:01", Optional.of("br0")),
                        new NetworkInterface("52:54:00:00:00:02", Optional.empty())),
                Optional.of(Path.of("/log/a,b.log")));
    }

    private static List<String> line(boolean incoming) throws HypervisorException {
        return QemuCommandLine.of(SETTINGS, Accelerator.TCG, GuestPaths.of(SETTINGS, GUEST), definition(), incoming);
    }

    @Test
    void saysEverythingOfTheDefinition() throws Exception {
        assertThat(line(false))
                .containsSequence("-name", "guest=a,,b")
                .containsSequence("-uuid", GUEST.toString())
                .containsSequence("-machine", "pc-q35-10.0,accel=tcg")
                .containsSequence("-cpu", "qemu64,+avx")
                .containsSequence("-m", "size=1073741824B")
                .containsSequence("-smp", "cpus=2")
                .containsSequence("-kernel", "/boot/vmlinuz")
                .containsSequence("-initrd", "/boot/initrd,x")
                .containsSequence("-append", "console=ttyS0")
                .containsSequence("-netdev", "bridge,id=network-0,br=br0")
                .containsSequence("-netdev", "user,id=network-1")
                .containsSequence("-chardev", "file,id=serial,append=on,path=/log/a,,b.log")
                .contains("-S", "-daemonize", "-nodefaults", "-no-user-config")
                .doesNotContain("-incoming");
    }

    @Test
    void disksAreNamedAfterTheirNameAndNotTheirFile() throws Exception {
        assertThat(line(false))
                .contains("{\"driver\":\"raw\",\"node-name\":\"disk-root\",\"discard\":\"unmap\","
                        + "\"cache\":{\"direct\":false,\"no-flush\":false},"
                        + "\"file\":{\"driver\":\"file\",\"node-name\":\"file-root\",\"filename\":\"/images/a,b.raw\","
                        + "\"discard\":\"unmap\",\"cache\":{\"direct\":false,\"no-flush\":false}}}")
                .contains("virtio-blk-pci,id=device-root,drive=disk-root");
    }

    @Test
    void socketsCarryCommas() throws Exception {
        assertThat(line(true))
                .contains("socket,id=host,server=on,wait=off,path=/run/l,,h/" + GUEST + ".qmp")
                .containsSequence("-incoming", "defer");
    }

    @Test
    void sourceAndDestinationDifferOnlyInWaiting() throws Exception {
        assertThat(line(true).subList(0, line(false).size())).isEqualTo(line(false));
    }

    @Test
    void nodeNamesFitWhateverTheDiskIsCalled() {
        String name = NodeNames.snapshot("a very long name, with characters that QEMU does not take: ü");
        assertThat(name).matches("[A-Za-z0-9._-]{1,31}");
        assertThat(NodeNames.snapshot("other " + name)).isNotEqualTo(name);
        assertThat(NodeNames.snapshot("eighteen.characters".substring(0, 18))).hasSizeLessThanOrEqualTo(31);
    }

    @Test
    void aSocketFolderThatIsTooLongIsRefusedWithItsLength() {
        QemuSettings settings = QemuSettings.defaults(Path.of("/" + "x".repeat(80)));
        assertThatThrownBy(() -> GuestPaths.of(settings, GUEST))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("107")
                .hasMessageContaining("shorter");
    }

    @Test
    void oldQemuWithoutKvmIsRefusedWithTheReason() {
        assertThatThrownBy(() -> QemuInventory.requireVersion(7, "7.2.0", Accelerator.TCG))
                .hasMessageContaining("7.2.0")
                .hasMessageContaining("memory");
    }
}
