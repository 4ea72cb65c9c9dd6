package io.longhaul.agent;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
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
import java.time.Clock;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.web.bind.annotation.RestController;

/** What the agent's packages may know, and what they must be handed. Each rule has a planted violation to find. */
class ArchitectureTest {
    private static final JavaClasses PRODUCTION = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.longhaul.agent");

    private static final JavaClasses TESTS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
            .importPackages("io.longhaul.agent")
            .that(DescribedPredicate.not(resideInAPackage("..canary..")));

    private static final JavaClasses CANARY = new ClassFileImporter().importPackages("io.longhaul.agent.canary");

    static Stream<ArchRule> rulesOfProduction() {
        return Stream.of(
                noControlPlane(),
                qemuOnlyInWiring(),
                springAtTheEdges(),
                handedIn(),
                noEnvironment(),
                noInjectedFields(),
                noValueAnnotation(),
                names(),
                values(),
                nullMarked());
    }

    static Stream<ArchRule> rules() {
        return Stream.concat(rulesOfProduction(), Stream.of(noSleep()));
    }

    @ParameterizedTest
    @MethodSource("rulesOfProduction")
    void theAgentKeeps(ArchRule rule) {
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

    private static ArchRule noControlPlane() {
        return noClasses().should().dependOnClassesThat().resideInAPackage("io.longhaul.controlplane..");
    }

    private static ArchRule qemuOnlyInWiring() {
        return noClasses()
                .that()
                .resideOutsideOfPackage("io.longhaul.agent.wiring")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.longhaul.hypervisor..");
    }

    private static ArchRule springAtTheEdges() {
        return noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.longhaul.agent",
                        "io.longhaul.agent.config",
                        "io.longhaul.agent.problems",
                        "io.longhaul.agent.security",
                        "io.longhaul.agent.wiring")
                .and()
                .areNotAnnotatedWith(RestController.class)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "jakarta..");
    }

    private static ArchRule handedIn() {
        return noClasses()
                .that()
                .resideOutsideOfPackage("io.longhaul.agent.wiring")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(Clock.class, "systemUTC")
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .orShould()
                .callConstructor(Random.class)
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

    private static ArchRule noInjectedFields() {
        return noFields().should().beAnnotatedWith(Autowired.class).orShould().beAnnotatedWith(Value.class);
    }

    private static ArchRule noValueAnnotation() {
        return noClasses().should().dependOnClassesThat().areAssignableTo(Value.class);
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
