package io.longhaul.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class MeasurementsTest {

    /** qemu-img may say megabytes, and a side that cannot be written down never ends. */
    @Test
    void notesAreCutSoThatAJournalCanHoldThem() {
        List<String> many = Collections.nCopies(100, "x".repeat(1 << 20));
        List<String> notes = Measurements.NONE.withNotes(many).withNotes(many).notes();
        assertThat(notes).hasSize(64).allMatch(note -> note.length() <= 1_001);
    }

    @Test
    void shortNotesStayAsTheyAre() {
        assertThat(Measurements.NONE
                        .withNotes(List.of("a"))
                        .withNotes(List.of("b"))
                        .notes())
                .containsExactly("a", "b");
    }
}
