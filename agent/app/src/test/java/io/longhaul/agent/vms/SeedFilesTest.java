package io.longhaul.agent.vms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.agent.problems.ProblemException;
import io.longhaul.agent.vms.SeedFiles.Found;
import io.longhaul.agent.vms.SeedFiles.Wish;
import io.longhaul.agent.vms.VmRecord.StoredDisk;
import io.longhaul.api.model.DiskFormat;
import io.longhaul.api.model.VmDefinition;
import io.longhaul.engine.hypervisor.DiskSeed;
import io.longhaul.engine.hypervisor.GuestDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class SeedFilesTest {
    @TempDir
    Path folder;

    private final Set<Path> elsewhere = new HashSet<>();
    private final List<VmRecord> earlier = new ArrayList<>();
    private Path pool;
    private Path templates;
    private VmStore store;
    private SeedFiles seeds;

    @BeforeEach
    void folders() throws IOException {
        pool = Files.createDirectory(folder.resolve("pool"));
        templates = Files.createDirectory(folder.resolve("templates"));
        store = new VmStore(folder.resolve("data"), JsonMapper.shared());
        seeds = new SeedFiles(store, passing(), templates);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"../x", "/etc/passwd", "a/b", "..", ".", ".hidden", "", "-rf", "a\\b", "a b", "a\nb", "a\u0000b"
            })
    void aTemplatesNameIsAPlainFileName(String name) {
        assertThatThrownBy(() -> new Wish(Map.of("root", name), false)).isInstanceOf(ProblemException.class);
    }

    @Test
    void aTemplatesNameEndsSomewhere() {
        assertThat(new Wish(Map.of("root", "a".repeat(127)), false).reuse()).isFalse();
        assertThatThrownBy(() -> new Wish(Map.of("root", "a".repeat(128)), false))
                .isInstanceOf(ProblemException.class);
    }

    @Test
    void aTemplateIsQcow2ByItsNameAndElseRaw() throws IOException {
        Files.write(templates.resolve("one.qcow2"), new byte[] {'Q', 'F', 'I', (byte) 0xfb});
        Files.write(templates.resolve("two.img"), new byte[4096]);
        assertThat(template("one.qcow2").seeds().get("root"))
                .containsExactly(new DiskSeed(
                        templates.toRealPath().resolve("one.qcow2"),
                        GuestDefinition.DiskFormat.QCOW2,
                        DiskSeed.Use.COPY));
        assertThat(template("two.img").seeds().get("root"))
                .containsExactly(new DiskSeed(
                        templates.toRealPath().resolve("two.img"), GuestDefinition.DiskFormat.RAW, DiskSeed.Use.COPY));
        assertThat(template("two.img").claimed()).isEmpty();
    }

    @Test
    void aTemplateThatIsNotThereCostsANoteAndNotTheMove() throws IOException {
        Files.createDirectory(templates.resolve("folder.raw"));
        Files.write(templates.resolve("really-qcow2.img"), new byte[] {'Q', 'F', 'I', (byte) 0xfb});
        assertNoteOnly("gone.raw", "no such file");
        assertNoteOnly("folder.raw", "not a regular file");
        assertNoteOnly("really-qcow2.img", "holds a qcow2 image");
    }

    @Test
    void aLinkIsFollowedWithinTheFolderOnly() throws IOException {
        Path inside = Files.write(templates.resolve("debian-12.raw"), new byte[512]);
        Files.createSymbolicLink(templates.resolve("latest.raw"), inside);
        Files.createSymbolicLink(
                templates.resolve("secret.raw"), Files.write(folder.resolve("outside.raw"), new byte[512]));
        Files.createSymbolicLink(templates.resolve("dangling.raw"), folder.resolve("nowhere"));
        assertThat(template("latest.raw").seeds().get("root"))
                .extracting(DiskSeed::file)
                .containsExactly(inside.toRealPath());
        assertNoteOnly("secret.raw", "leads out of the template folder");
        assertNoteOnly("dangling.raw", "no such file");
    }

    @Test
    void whatAnEarlierStayLeftIsTakenOverOnlyWhereThatIsAskedFor() throws IOException {
        Path left = Files.write(pool.resolve("web.root.3.raw"), new byte[512]);
        Found unasked = seeds.find(machine(), new Wish(Map.of(), false));
        assertThat(unasked.seeds().get("root")).isEmpty();
        assertThat(unasked.claimed()).isEmpty();
        assertThat(unasked.notes()).hasSize(1).first().asString().contains("reuseExistingDisks", "left alone");

        Found asked = seeds.find(machine(), new Wish(Map.of(), true));
        assertThat(asked.seeds().get("root"))
                .containsExactly(new DiskSeed(left, GuestDefinition.DiskFormat.RAW, DiskSeed.Use.TAKE_OVER));
        assertThat(asked.claimed()).containsExactly(left.toString());
        assertThat(asked.notes()).isEmpty();
    }

    @Test
    void theNewestThatNothingUsesIsTaken() throws IOException {
        for (String name : List.of(
                "web.root.9.raw",
                "web.root.10.raw",
                "web.root.10-2.raw",
                "web.root.11.raw",
                "web.root.12.raw",
                "web.root.13.qcow2",
                "web.root.14.raw.frozen",
                "web.roots.15.raw",
                "aweb.root.16.raw",
                "web.root.x.raw")) {
            Files.write(pool.resolve(name), new byte[512]);
        }
        Files.createSymbolicLink(pool.resolve("web.root.17.raw"), pool.resolve("web.root.9.raw"));
        elsewhere.add(pool.resolve("web.root.11.raw"));
        store.put(machine(new UUID(5, 5), "web.root.12.raw"));
        assertThat(seeds.find(machine(), new Wish(Map.of(), true)).claimed())
                .containsExactly(pool.resolve("web.root.10-2.raw").toString());
    }

    @Test
    void anOlderCopyIsBetterThanATemplate() throws IOException {
        Files.write(templates.resolve("t.raw"), new byte[512]);
        Files.write(pool.resolve("web.root.3.raw"), new byte[512]);
        assertThat(seeds.find(machine(), new Wish(Map.of("root", "t.raw"), true))
                        .seeds()
                        .get("root"))
                .extracting(DiskSeed::use)
                .containsExactly(DiskSeed.Use.TAKE_OVER, DiskSeed.Use.COPY);
    }

    @Test
    void whatIsKnownToBeTheMachinesOwnIsBetterThanASameName() throws IOException {
        Files.write(pool.resolve("web.root.19.raw"), new byte[512]);
        Path own = Files.write(pool.resolve("any-name.img"), new byte[512]);
        earlier.add(machine(new UUID(1, 2), "gone.img"));
        earlier.add(machine(new UUID(1, 2), "../elsewhere/any-name.img"));
        earlier.add(machine(new UUID(1, 2), "any-name.img"));
        assertThat(seeds.find(machine(), new Wish(Map.of(), true)).claimed()).containsExactly(own.toString());
    }

    @Test
    void behindALinkedPoolNothingIsTakenOver() throws IOException {
        Files.write(pool.resolve("web.root.3.raw"), new byte[512]);
        Path real = folder.resolve("elsewhere");
        Files.move(pool, real);
        Files.createSymbolicLink(pool, real);
        assertThat(seeds.find(machine(), new Wish(Map.of(), true)).claimed()).isEmpty();
    }

    private PassingMachines passing() {
        return new PassingMachines() {
            @Override
            public Set<Path> disksOfOthers(UUID machine) {
                return elsewhere;
            }

            @Override
            public List<VmRecord> earlierStays(UUID machine) {
                return earlier;
            }
        };
    }

    private Found template(String name) {
        return seeds.find(machine(), new Wish(Map.of("root", name), false));
    }

    private void assertNoteOnly(String template, String words) {
        Found found = template(template);
        assertThat(found.seeds().get("root")).isEmpty();
        assertThat(found.notes()).hasSize(1).first().asString().contains(template, words);
    }

    private VmRecord machine() {
        return machine(new UUID(1, 2), "web.root.20.raw");
    }

    private VmRecord machine(UUID id, String file) {
        StoredDisk disk = new StoredDisk("root", pool.resolve(file).toString(), DiskFormat.RAW, 512, true);
        return new VmRecord(
                id, 20, null, new VmDefinition("web", 1L << 24), List.of(disk), List.of(), null, true, true);
    }
}
