package io.longhaul.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.hypervisor.DiskBeginnings;
import io.longhaul.engine.hypervisor.DiskSeed;
import io.longhaul.engine.hypervisor.DiskSeeds;
import io.longhaul.engine.hypervisor.GuestDefinition.Disk;
import io.longhaul.engine.hypervisor.GuestDefinition.DiskFormat;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.testkit.hypervisor.RecordedLedger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Disks made with the real qemu-img. */
@Tag("qemu")
final class ArrivingDisksTest {
    private static final int SIZE = 6 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final RecordedLedger ledger = new RecordedLedger();
    private QemuImages images;

    @BeforeEach
    void tools() {
        images = new QemuImages(QemuSettings.defaults(folder.resolve("run")));
    }

    @ParameterizedTest
    @CsvSource({
        "RAW, RAW, 6291456", "RAW, QCOW2, 6291456", "QCOW2, RAW, 6291456", "QCOW2, QCOW2, 6291456",
        "RAW, RAW, 2097664", "RAW, QCOW2, 2097664", "QCOW2, RAW, 2097664", "QCOW2, QCOW2, 2097664",
        "RAW, RAW, 9437184", "RAW, QCOW2, 9437184", "QCOW2, RAW, 9437184", "QCOW2, QCOW2, 9437184",
        "RAW, RAW, 1000"
    })
    void aDiskBeginsWithATemplateCutAtItsEndAndZerosBehindIt(
            DiskFormat templateFormat, DiskFormat diskFormat, int templateBytes) throws Exception {
        byte[] content = random(templateBytes);
        Path template = image("a template, with \"odd\" name", templateFormat, content);
        byte[] before = Files.readAllBytes(template);
        Disk disk = disk(diskFormat);

        DiskBeginnings beginnings = arriving(disk, new DiskSeed(template, templateFormat, DiskSeed.Use.COPY))
                .make();

        assertThat(raw(disk)).isEqualTo(Arrays.copyOf(Arrays.copyOf(content, Math.min(templateBytes, SIZE)), SIZE));
        assertThat(images.sizeBytes(disk.file(), diskFormat)).isEqualTo(SIZE);
        assertThat(Files.readAllBytes(template)).as("it is only read").isEqualTo(before);
        assertThat(beginnings.takenOver()).isEmpty();
        assertThat(beginnings.notes()).hasSize(1).first().asString().contains("begins with a copy of");
    }

    @Test
    void aTemplateThatRefersToAnotherFileIsNotUsed() throws Exception {
        Path secret = image("secret", DiskFormat.RAW, random(SIZE));
        Path template = folder.resolve("template");
        run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", secret.toString(), template.toString());
        Disk disk = disk(DiskFormat.RAW);
        DiskBeginnings beginnings = arriving(disk, new DiskSeed(template, DiskFormat.QCOW2, DiskSeed.Use.COPY))
                .make();
        assertThat(raw(disk)).isEqualTo(new byte[SIZE]);
        assertThat(beginnings.notes())
                .hasSize(1)
                .first()
                .asString()
                .contains("did not begin")
                .contains("refers to");
    }

    @Test
    void aTemplateThatIsGoneOrBrokenCostsNothingButANote() throws Exception {
        Path broken = Files.writeString(folder.resolve("broken"), "no qcow2");
        Disk disk = disk(DiskFormat.QCOW2);
        DiskBeginnings beginnings = arriving(
                        disk,
                        new DiskSeed(folder.resolve("gone"), DiskFormat.RAW, DiskSeed.Use.COPY),
                        new DiskSeed(broken, DiskFormat.QCOW2, DiskSeed.Use.COPY))
                .make();
        assertThat(raw(disk)).isEqualTo(new byte[SIZE]);
        assertThat(beginnings.notes()).hasSize(2).allMatch(note -> note.contains("did not begin"));
    }

    /** Nor is a hypervisor started then. */
    @Test
    void whenNobodyWantsTheDisksAnyMoreTheCopyIsGivenUpAndNothingElseIsMade() throws Exception {
        Path template = image("template", DiskFormat.RAW, random(2 * SIZE));
        Path former = image("former", DiskFormat.RAW, random(SIZE));
        Disk disk = disk(DiskFormat.RAW);
        AtomicInteger asked = new AtomicInteger();
        DiskSeeds seeds = new DiskSeeds(
                Map.of(
                        "root",
                        List.of(
                                new DiskSeed(template, DiskFormat.RAW, DiskSeed.Use.COPY),
                                new DiskSeed(former, DiskFormat.RAW, DiskSeed.Use.TAKE_OVER))),
                // Until the copy begins: before the disk, and before its first seed.
                () -> asked.incrementAndGet() <= 2);
        assertThatThrownBy(() -> arriving(disk, seeds).make())
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("not wanted any more");
        assertThat(disk.file()).doesNotExist();
        assertThat(former).exists();
    }

    /** However long the check of a large image takes. */
    @Test
    void whatWasKeptIsNotRemovedWhereItsCheckTakesTooLong() throws Exception {
        Disk disk = disk(DiskFormat.QCOW2);
        byte[] content = random(SIZE);
        Path kept = Files.move(image("left", DiskFormat.QCOW2, content), KeptDisks.keptFile(new UUID(1, 2), disk));
        images = new QemuImages(QemuSettings.defaults(folder.resolve("run")), Duration.ZERO);
        assertThat(arriving(disk).make().notes()).isEmpty();
        assertThat(raw(disk)).isEqualTo(new byte[SIZE]);
        assertThat(kept).exists();

        Files.delete(disk.file());
        tools();
        assertThat(arriving(disk).make().notes()).first().asString().contains("what an earlier try left");
        assertThat(raw(disk)).isEqualTo(content);
        assertThat(kept).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"RAW", "QCOW2"})
    void aFileThatIsTakenOverBecomesTheDiskAndCanBeGivenBack(DiskFormat format) throws Exception {
        byte[] content = random(SIZE);
        Path former = image("former", format, content);
        Disk disk = disk(format);
        ArrivingDisks arriving = arriving(disk, new DiskSeed(former, format, DiskSeed.Use.TAKE_OVER));
        DiskBeginnings beginnings = arriving.make();
        assertThat(former).doesNotExist();
        assertThat(raw(disk)).isEqualTo(content);
        assertThat(beginnings.takenOver()).containsExactly(Map.entry("root", former));
        assertThat(ledger.outstanding()).as("found after a crash").hasSize(1);

        arriving.giveBack();
        assertThat(former).exists();
        assertThat(disk.file()).doesNotExist();
        assertThat(ledger.outstanding()).as("nobody removes it").isEmpty();
    }

    @Test
    void givingBackNeverReplacesAFileAndNeverLosesOne() throws Exception {
        Path former = image("former", DiskFormat.RAW, random(SIZE));
        Disk disk = disk(DiskFormat.RAW);
        ArrivingDisks arriving = arriving(disk, new DiskSeed(former, DiskFormat.RAW, DiskSeed.Use.TAKE_OVER));
        arriving.make();
        Files.writeString(former, "somebody's");
        arriving.giveBack();
        assertThat(former).hasContent("somebody's");
        assertThat(disk.file()).exists();
        assertThat(ledger.outstanding()).isEmpty();
    }

    @Test
    void whatIsOfAnotherSizeOrALinkIsNotTakenOver() throws Exception {
        Path larger = image("larger", DiskFormat.RAW, random(2 * SIZE));
        Path link = Files.createSymbolicLink(folder.resolve("link"), image("right", DiskFormat.RAW, random(SIZE)));
        Disk disk = disk(DiskFormat.RAW);
        DiskBeginnings beginnings = arriving(
                        disk,
                        new DiskSeed(larger, DiskFormat.RAW, DiskSeed.Use.TAKE_OVER),
                        new DiskSeed(link, DiskFormat.RAW, DiskSeed.Use.TAKE_OVER))
                .make();
        assertThat(larger).exists();
        assertThat(link).exists();
        assertThat(beginnings.takenOver()).isEmpty();
        assertThat(beginnings.notes()).hasSize(2).allMatch(note -> note.contains("did not begin"));
    }

    private ArrivingDisks arriving(Disk disk, DiskSeed... seeds) {
        return arriving(disk, new DiskSeeds(Map.of(disk.name(), List.of(seeds)), () -> true));
    }

    private ArrivingDisks arriving(Disk disk, DiskSeeds seeds) {
        return new ArrivingDisks(
                SmallGuest.with(disk),
                seeds,
                new LedgerFiles(ledger),
                images,
                new KeptDisks(InstantSource.system(), KeptDisks.KEPT_FOR));
    }

    private Disk disk(DiskFormat format) {
        return new Disk("root", folder.resolve("disk, new"), format, SIZE);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        // A hole in the middle, where there is room for one.
        Arrays.fill(bytes, length / 3, length / 2, (byte) 0);
        return bytes;
    }

    private Path image(String name, DiskFormat format, byte[] content) throws IOException, HypervisorException {
        Path raw = Files.write(folder.resolve(name + ".made"), content);
        if (format == DiskFormat.RAW) {
            return raw;
        }
        Path file = folder.resolve(name);
        run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw.toString(), file.toString());
        return file;
    }

    private byte[] raw(Disk disk) throws IOException {
        Path out = folder.resolve("out");
        String format = disk.format().name().toLowerCase(Locale.ROOT);
        run("qemu-img", "convert", "-f", format, "-O", "raw", disk.file().toString(), out.toString());
        return Files.readAllBytes(out);
    }

    private void run(String... command) throws IOException {
        Tool.Ending ending = Tool.run(List.of(command), folder.resolve("log"), PATIENCE);
        assertThat(ending.succeeded()).as(ending.output()).isTrue();
    }
}
