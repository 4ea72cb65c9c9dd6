package io.longhaul.engine.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** Every target with its seeds, with all that was ever found, and with some mutations of both. */
final class FuzzTargetsTest {
    private static final Path FOUND = Path.of("src/test/resources/fuzz");
    private static final int MUTATIONS = Integer.getInteger("longhaul.fuzz.mutations", 2000);
    private static final long SEED = Long.getLong("longhaul.fuzz.seed", 20_261_122L);

    private static final Logger ROOT = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    private static @Nullable Level levelBefore;

    /** What is logged about thousands of broken inputs is of no use, and takes longer than reading them. */
    @BeforeAll
    static void logNothing() {
        levelBefore = ROOT.getLevel();
        ROOT.setLevel(Level.OFF);
    }

    @AfterAll
    static void logAgain() {
        ROOT.setLevel(levelBefore);
    }

    static Stream<Class<?>> targets() throws IOException {
        return FuzzTargets.all().stream();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void noInputBreaksATarget(Class<?> target) throws IOException {
        List<byte[]> seeds = FuzzTargets.seeds(target);
        assertThat(seeds).isNotEmpty();
        seeds.forEach(seed -> run(target, seed, "a seed"));
        for (Path file : found(target)) {
            run(target, Files.readAllBytes(file), file.toString());
        }
        Random random = new Random(SEED);
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] mutated = mutate(seeds.get(random.nextInt(seeds.size())), random);
            run(target, mutated, "mutation " + i + " with -Dlonghaul.fuzz.seed=" + SEED);
        }
    }

    @Test
    void whatWasFoundBelongsToATarget() throws IOException {
        List<String> names =
                FuzzTargets.all().stream().map(Class::getSimpleName).toList();
        if (Files.isDirectory(FOUND)) {
            try (Stream<Path> folders = Files.list(FOUND)) {
                assertThat(folders.map(folder -> folder.getFileName().toString()))
                        .isSubsetOf(names);
            }
        }
    }

    private static List<Path> found(Class<?> target) throws IOException {
        Path folder = FOUND.resolve(target.getSimpleName());
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private static void run(Class<?> target, byte[] input, String what) {
        try {
            FuzzTargets.run(target, input);
        } catch (Error e) {
            throw new AssertionError(
                    target.getSimpleName() + " fails on " + what + ": "
                            + HexFormat.of().formatHex(input),
                    e);
        }
    }

    /** One to four of: a bit turned, a byte set to an extreme, bytes removed, bytes doubled, the end cut off. */
    private static byte[] mutate(byte[] seed, Random random) {
        byte[] bytes = seed.clone();
        for (int left = 1 + random.nextInt(4); left > 0 && bytes.length > 0; left--) {
            int place = random.nextInt(bytes.length);
            int count = Math.min(1 + random.nextInt(8), bytes.length - place);
            switch (random.nextInt(5)) {
                case 0 -> bytes[place] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[place] = (byte) (random.nextBoolean() ? 0xFF : random.nextInt(3) - 1);
                case 2 -> bytes = joined(bytes, place, place + count);
                case 3 -> bytes = joined(bytes, place + count, place);
                default -> bytes = java.util.Arrays.copyOf(bytes, place);
            }
        }
        return bytes;
    }

    /** The bytes up to one place, and those from another. */
    private static byte[] joined(byte[] bytes, int end, int begin) {
        byte[] joined = java.util.Arrays.copyOf(bytes, end + bytes.length - begin);
        System.arraycopy(bytes, begin, joined, end, bytes.length - begin);
        return joined;
    }
}
