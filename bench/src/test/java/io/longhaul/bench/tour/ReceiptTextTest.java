package io.longhaul.bench.tour;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.longhaul.client.model.MigrationState;
import org.junit.jupiter.api.Test;

class ReceiptTextTest {

    @Test
    void aGoodMoveHasNoShortcomings() {
        assertThat(ReceiptText.shortcomings(SampleMigrations.goodReceipt())).isEmpty();
    }

    @Test
    void everyMissingOrBadFigureIsAShortcoming() {
        assertThat(ReceiptText.shortcomings(null)).hasSize(1);
        assertThat(ReceiptText.shortcomings(SampleMigrations.goodReceipt()
                        .state(MigrationState.FAILED)
                        .disksIdentical(false)
                        .guestHealthy(null)
                        .downtimeMillis(null)
                        .guestDowntimeMillis(null)))
                .hasSize(5);
    }

    @Test
    void theJsonHasTheNamesOfTheApi() {
        JsonObject json = JsonParser.parseString(ReceiptText.json(SampleMigrations.goodReceipt()))
                .getAsJsonObject();
        assertThat(json.keySet())
                .contains(
                        "migrationId",
                        "state",
                        "source",
                        "destination",
                        "durationMillis",
                        "downtimeMillis",
                        "guestDowntimeMillis",
                        "bytesOnWire",
                        "diskBytes",
                        "memoryBytes",
                        "disksIdentical",
                        "guestHealthy");
        assertThat(json.get("downtimeMillis").getAsLong()).isEqualTo(150);
    }

    @Test
    void whatWasNotMeasuredIsSaid() {
        assertThat(ReceiptText.lines(SampleMigrations.goodReceipt().downtimeMillis(null)))
                .anyMatch(line -> line.contains("downtimeMillis") && line.contains("not measured"));
    }
}
