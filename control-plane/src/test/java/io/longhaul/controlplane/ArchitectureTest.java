package io.longhaul.controlplane;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.modulith.core.ApplicationModules;

/** The shape of the packages, as rules that fail the build. */
class ArchitectureTest {

    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.longhaul.controlplane");

    private static final ArchRule TIME_AND_THREADS_ARE_HANDED_IN = noClasses()
            .that()
            .resideOutsideOfPackage("..controlplane.support..")
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(Clock.class, "systemUTC")
            .orShould()
            .callMethod(UUID.class, "randomUUID")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callConstructor(Thread.class, Runnable.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Executors.class);

    private static final ArchRule PURE_STAGES_KNOW_NO_FRAMEWORK = noClasses()
            .that()
            .resideInAnyPackage(
                    "..controlplane.planning..", "..controlplane.scheduling..", "..controlplane.completion..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.springframework..", "jakarta..", "okhttp3..", "java.sql..");

    private static final ArchRule NO_ENGINE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.longhaul.engine..", "io.longhaul.agent..");

    private static final ArchRule NO_VAGUE_NAMES = noClasses()
            .should()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Impl")
            .orShould()
            .haveSimpleNameEndingWith("Base")
            .orShould()
            .haveSimpleNameEndingWith("Common")
            .orShould()
            .haveSimpleNameEndingWith("Data")
            .orShould()
            .haveSimpleNameEndingWith("Info");

    private static final ArchRule NO_FIELD_INJECTION =
            fields().should().notBeAnnotatedWith(Autowired.class).andShould().notBeAnnotatedWith(Value.class);

    private static final ArchRule ONLY_STEPS_CHANGE_THE_PHASE = noClasses()
            .that()
            .doNotHaveSimpleName("MigrationSteps")
            .and()
            .doNotHaveSimpleName("MigrationEntity")
            .should()
            .setField(phaseOwner(), "phase");

    private static final ArchRule PROPERTIES_ARE_RECORDS =
            classes().that().haveSimpleNameEndingWith("Properties").should().beRecords();

    @Test
    void stagesHaveNoCircles() {
        ApplicationModules.of(ControlPlaneApplication.class).verify();
    }

    @Test
    void timeThreadsAndRandomnessAreHandedIn() {
        TIME_AND_THREADS_ARE_HANDED_IN.check(OURS);
    }

    @Test
    void pureStagesKnowNoFramework() {
        PURE_STAGES_KNOW_NO_FRAMEWORK.check(OURS);
    }

    @Test
    void theControlPlaneDoesNotKnowTheEngine() {
        NO_ENGINE.check(OURS);
    }

    @Test
    void namesSayWhatAClassIs() {
        NO_VAGUE_NAMES.check(OURS);
    }

    @Test
    void nothingIsInjectedIntoFields() {
        NO_FIELD_INJECTION.check(OURS);
    }

    @Test
    void onlyTheStepsChangeThePhase() {
        ONLY_STEPS_CHANGE_THE_PHASE.check(OURS);
    }

    @Test
    void propertiesAreRecords() {
        PROPERTIES_ARE_RECORDS.check(OURS);
    }

    /** A rule that never fails is no rule: for each of them a violation is planted. */
    static Stream<Arguments> plantedViolations() {
        return Stream.of(
                Arguments.of(
                        TIME_AND_THREADS_ARE_HANDED_IN,
                        "canary.MakesTimeAndThreads",
                        List.of(
                                "Instant.now()",
                                "System.currentTimeMillis()",
                                "System.nanoTime()",
                                "Clock.systemUTC()",
                                "UUID.randomUUID()",
                                "Thread.sleep(long)",
                                "Thread.<init>(java.lang.Runnable)",
                                "Executors.newCachedThreadPool()")),
                Arguments.of(
                        PURE_STAGES_KNOW_NO_FRAMEWORK,
                        "canary.controlplane.planning.KnowsSpring",
                        List.of("ApplicationContext")),
                Arguments.of(NO_ENGINE, "canary.KnowsTheAgent", List.of("OfTheAgent")),
                Arguments.of(NO_FIELD_INJECTION, "canary.InjectedFields", List.of("@Autowired", "@Value")),
                Arguments.of(ONLY_STEPS_CHANGE_THE_PHASE, "controlplane.execution.ChangesThePhase", List.of("phase>")),
                Arguments.of(PROPERTIES_ARE_RECORDS, "canary.ClassProperties", List.of("ClassProperties")));
    }

    @ParameterizedTest
    @MethodSource("plantedViolations")
    void everyRuleFindsWhatWasPlanted(ArchRule rule, String canary, List<String> found) throws ClassNotFoundException {
        JavaClasses planted = new ClassFileImporter().importClasses(Class.forName("io.longhaul." + canary));
        assertThatThrownBy(() -> rule.check(planted))
                .isInstanceOf(AssertionError.class)
                .satisfies(error -> assertThat(error.getMessage()).contains(found));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Util", "Utils", "Helper", "Manager", "Impl", "Base", "Common", "Data", "Info"})
    void everyVagueNameIsFound(String ending) throws ClassNotFoundException {
        JavaClasses planted =
                new ClassFileImporter().importClasses(Class.forName("io.longhaul.canary.VagueNames$Some" + ending));
        assertThatThrownBy(() -> NO_VAGUE_NAMES.check(planted)).isInstanceOf(AssertionError.class);
    }

    @Test
    void aCircleIsFound() {
        ApplicationModules planted = ApplicationModules.of("io.longhaul.canary.circles", location -> true);
        assertThatThrownBy(planted::verify).hasMessageContaining("Cycle");
    }

    private static Class<?> phaseOwner() {
        try {
            return Class.forName("io.longhaul.controlplane.execution.MigrationEntity");
        } catch (ClassNotFoundException e) {
            throw new AssertionError("The entity was renamed; so must be this rule", e);
        }
    }
}
