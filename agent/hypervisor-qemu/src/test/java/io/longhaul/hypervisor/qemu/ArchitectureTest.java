package io.longhaul.hypervisor.qemu;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the adapter for QEMU may know, and what it must be handed. Each rule has a planted violation to find. */
class ArchitectureTest {
    private static final JavaClasses PRODUCTION = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.longhaul.hypervisor");

    private static final JavaClasses TESTS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
            .importPackages("io.longhaul.hypervisor")
            .that(DescribedPredicate.not(resideInAPackage("..canary..")));

    private static final JavaClasses CANARY =
            new ClassFileImporter().importPackages("io.longhaul.hypervisor.qemu.canary");

    static Stream<ArchRule> rulesOfProduction() {
        return Stream.of(libraries(), handedIn(), noEnvironment(), names(), values(), nullMarked());
    }

    static Stream<ArchRule> rules() {
        return Stream.concat(rulesOfProduction(), Stream.of(noSleep()));
    }

    @ParameterizedTest
    @MethodSource("rulesOfProduction")
    void theAdapterKeeps(ArchRule rule) {
        rule.check(PRODUCTION);
    }

    @Test
    void testsDoNotSleep() {
        assertThat(TESTS).isNotEmpty();
        noSleep().check(TESTS);
    }

    /** A rule that never fails is no rule. */
    @ParameterizedTest
    @MethodSource("rules")
    void thePlantedViolationIsFoundBy(ArchRule rule) {
        assertThatThrownBy(() -> rule.check(CANARY)).isInstanceOf(AssertionError.class);
    }

    /** No Spring, no agent, no control plane. Of the engine only what a hypervisor must know. */
    private static ArchRule libraries() {
        return classes()
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "io.longhaul.hypervisor..",
                        "io.longhaul.engine.hypervisor..",
                        "io.longhaul.engine.ledger..",
                        "io.longhaul.engine.nbd..",
                        "io.longhaul.engine.support..",
                        "java..",
                        "tools.jackson..",
                        "com.fasterxml.jackson.annotation..",
                        "org.slf4j..",
                        "org.jspecify.."));
    }

    private static ArchRule handedIn() {
        return noClasses()
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callConstructor(Thread.class, Runnable.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Executors.class);
    }

    private static ArchRule noEnvironment() {
        return noClasses()
                .should()
                .callMethod(System.class, "getenv", String.class)
                .orShould()
                .callMethod(System.class, "getenv")
                .orShould()
                .callMethod(System.class, "getProperty", String.class)
                .orShould()
                .callMethod(System.class, "getProperty", String.class, String.class);
    }

    private static ArchRule names() {
        return noClasses().should().haveNameMatching(".*(Utils?|Helper|Manager|Impl|Base|Common|Data|Info)");
    }

    private static ArchRule values() {
        return classes()
                .that()
                .haveNameMatching(".*(Settings|Properties|Command|Report|Record)")
                .should()
                .beRecords();
    }

    private static ArchRule nullMarked() {
        return classes().should(new ArchCondition<>("be in a package whose package-info says @NullMarked") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
                    events.add(SimpleConditionEvent.violated(type, type.getName() + " is not in one"));
                }
            }
        });
    }

    private static ArchRule noSleep() {
        return noClasses()
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(TimeUnit.class, "sleep", long.class);
    }
}
