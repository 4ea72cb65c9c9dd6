package io.longhaul.engine;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the engine's packages may know, and what they must be handed. Each rule has a planted violation that it must find. */
class ArchitectureTest {
    private static final String ENGINE = "io.longhaul.engine.";

    private static final JavaClasses PRODUCTION = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.longhaul.engine");

    private static final JavaClasses CANARY = new ClassFileImporter().importPackages("io.longhaul.engine.canary");

    /** Package to the packages of the engine that it may use. */
    private static final Map<String, List<String>> ALLOWED = Map.ofEntries(
            Map.entry("support", List.of()),
            Map.entry("ledger", List.of("support")),
            Map.entry("handover", List.of()),
            Map.entry("progress", List.of()),
            Map.entry("hypervisor", List.of("ledger")),
            Map.entry("transport", List.of("support")),
            Map.entry("transport.tls", List.of("transport", "support")),
            Map.entry("nbd", List.of("hypervisor", "support")),
            Map.entry("storage", List.of("hypervisor", "transport", "support")),
            Map.entry("memory", List.of("transport", "support")),
            Map.entry("rehearsal", List.of("hypervisor", "memory", "session", "storage", "support", "transport")),
            Map.entry(
                    "session",
                    List.of(
                            "handover",
                            "hypervisor",
                            "ledger",
                            "memory",
                            "progress",
                            "storage",
                            "support",
                            "transport")));

    static Stream<String> packages() {
        return ALLOWED.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("packages")
    void aPackageUsesOnlyWhatItMay(String name) {
        String[] allowed = Stream.concat(
                        Stream.of(ENGINE + name + ".."),
                        ALLOWED.get(name).stream().map(other -> ENGINE + other + ".."))
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(ENGINE + name + "..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.longhaul..").and(not(resideInAnyPackage(allowed))))
                .check(PRODUCTION);
    }

    @Test
    void everyPackageOfTheEngineHasItsRule() {
        assertThat(PRODUCTION.stream()
                        .map(type -> type.getPackageName().substring(ENGINE.length()))
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(ALLOWED.keySet());
    }

    @Test
    void theEngineNeedsNothingButTheJdkALoggerACompressorAndNullnessMarks() {
        engineLibraries().check(PRODUCTION);
    }

    @Test
    void onlySupportReadsClocksMakesThreadsOrDrawsRandomNumbers() {
        handedIn().check(PRODUCTION);
    }

    @Test
    void noClassIsNamedForNothingInParticular() {
        names().check(PRODUCTION);
    }

    @Test
    void thePlantedViolationsAreFound() {
        for (ArchRule rule : List.of(engineLibraries(), handedIn(), names())) {
            assertThatThrownBy(() -> rule.check(CANARY))
                    .as(rule.getDescription())
                    .isInstanceOf(AssertionError.class);
        }
    }

    private static ArchRule engineLibraries() {
        return classes()
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "io.longhaul.engine..",
                        "java..",
                        "javax.net.ssl..",
                        "javax.crypto..",
                        "org.slf4j..",
                        "com.github.luben.zstd..",
                        "org.jspecify.."));
    }

    private static ArchRule handedIn() {
        return noClasses()
                .that()
                .resideOutsideOfPackage("io.longhaul.engine.support..")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .orShould()
                .callConstructor(Random.class)
                .orShould()
                .callConstructor(Thread.class, Runnable.class);
    }

    private static ArchRule names() {
        return noClasses().should().haveNameMatching(".*(Utils?|Helper|Manager|Impl|Base|Common|Data|Info)");
    }
}
