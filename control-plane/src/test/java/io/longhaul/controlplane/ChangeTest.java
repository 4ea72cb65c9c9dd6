package io.longhaul.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.api.agent.model.SidePhase;
import io.longhaul.api.model.Migration;
import io.longhaul.api.model.MigrationState;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Migrations that go by something else from the middle on, over HTTP against fake agents. */
class ChangeTest extends BetweenFakeAgents {

    private static final String SLOWER = "{\"policy\": {\"maxBytesPerSecond\": 1000000}}";

    @Test
    void tellsTheSourceOfARunningMigrationItsNewCap() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COPYING_DISKS);
        var changed = change(tour, "{\"policy\": {\"maxBytesPerSecond\": 1000000, \"downtimeLimitMillis\": 70}}");
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
        Tour.awaitTrue(() -> source.policies.size() == 1);
        assertThat(source.policies.get(0).getEpoch()).isEqualTo(2);
        assertThat(source.policies.get(0).getPolicy().getMaxBytesPerSecond()).isEqualTo(1_000_000);
        assertThat(source.policies.get(0).getPolicy().getDowntimeLimitMillis()).isEqualTo(70);
        assertThat(source.policies.get(0).getPolicy().getVerifyDisks()).isTrue();
        assertThat(tour.migration().getPolicy().getMaxBytesPerSecond()).isEqualTo(1_000_000);
        assertThat(destination.commands).doesNotContain("PUT policy");
    }

    @Test
    void theSameChangeAgainTellsNobodyAnything() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COPYING_DISKS);
        change(tour, SLOWER);
        assertThat(change(tour, SLOWER).status()).isEqualTo(200);
        Tour.awaitTrue(() -> source.policies.size() == 1);
        change(tour, "{\"policy\": {\"maxBytesPerSecond\": 2000000}}");
        Tour.awaitTrue(() -> source.policies.size() == 2);
        assertThat(source.policies).extracting(policy -> policy.getRevision()).containsExactly(1L, 2L);
    }

    @Test
    void nullAndZeroTakeTheCapAwayAndAnAbsentOneStays() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COPYING_DISKS);
        for (String none : new String[] {"null", "0"}) {
            change(tour, SLOWER);
            assertThat(change(tour, "{\"policy\": {\"downtimeLimitMillis\": 80}}")
                            .as(Migration.class)
                            .getPolicy()
                            .getMaxBytesPerSecond())
                    .isEqualTo(1_000_000);
            assertThat(change(tour, "{\"policy\": {\"maxBytesPerSecond\": " + none + "}}")
                            .as(Migration.class)
                            .getPolicy()
                            .getMaxBytesPerSecond())
                    .isNull();
        }
    }

    @Test
    void aChangeIsDeliveredAlsoWhereItsAnswerIsLost() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COPYING_DISKS);
        source.scenario = FakeAgent.FailureScenario.LOSES_ANSWERS;
        change(tour, SLOWER);
        Tour.awaitTrue(() -> source.policies.size() == 2);
        assertThat(source.policies).extracting(policy -> policy.getRevision()).containsExactly(1L, 1L);
    }

    @Test
    void aChangeBeforeTheSourceIsOrderedComesWithItsOrder() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.PREPARING);
        change(tour, "{\"priority\": 7, \"policy\": {\"maxBytesPerSecond\": 3000000}}");
        destination.phase(tour.id, SidePhase.PREPARED);
        Tour.awaitTrue(() -> source.knows(tour.id));
        assertThat(Objects.requireNonNull(source.outgoing.get(tour.id))
                        .getPolicy()
                        .getMaxBytesPerSecond())
                .isEqualTo(3_000_000);
        assertThat(source.policies).isEmpty();
        assertThat(tour.migration().getPriority()).isEqualTo(7);
    }

    @Test
    void anEndedMigrationIsNotChanged() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.COMPLETING);
        assertThat(change(tour, SLOWER).status()).isEqualTo(409);
        tour.finish(true);
        tour.await(MigrationState.COMPLETED);
        assertThat(change(tour, SLOWER).code()).isEqualTo("NOT_CHANGEABLE");
        assertThat(tour.migration().getPolicy().getMaxBytesPerSecond()).isNull();
    }

    @Test
    void refusesWhatIsNoChange() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.PREPARING);
        Map.of(
                        "{\"policy\": {\"maxBytesPerSecond\": 5}}", "INVALID_FIELD",
                        "{\"policy\": {\"maxBytesPerSecond\": -1}}", "INVALID_FIELD",
                        "{\"policy\": {\"downtimeLimitMillis\": 0}}", "INVALID_FIELD",
                        "{\"priority\": null}", "INVALID_FIELD",
                        "{\"priority\": 101}", "INVALID_FIELD",
                        "{\"destination\": \"host-c\"}", "INVALID_FIELD")
                .forEach((body, code) -> {
                    var answer = change(tour, body);
                    assertThat(answer.status()).as(body + answer.body()).isIn(400, 422);
                    assertThat(answer.code()).as(body + answer.body()).isEqualTo(code);
                });
        assertThat(controlPlane.call("PATCH", "/v1/migrations/mig-none", SLOWER).code())
                .isEqualTo("NO_SUCH_MIGRATION");
    }

    @Test
    void saysHowSmallACapMayBe() {
        Tour tour = Tour.begin(controlPlane, source, destination).until(MigrationState.PREPARING);
        var refused = change(tour, "{\"policy\": {\"maxBytesPerSecond\": 1}}");
        assertThat(refused.json().path("detail").asString())
                .isEqualTo(
                        "The field policy.maxBytesPerSecond is 1; it must be at least 65536, or 0 or null for no cap.");
        assertThat(refused.json().path("seen").asString()).isEqualTo("1");
        tour.cancel();
    }

    private RunningControlPlane.Answer change(Tour tour, String body) {
        return controlPlane.call("PATCH", "/v1/migrations/" + tour.id, body);
    }
}
