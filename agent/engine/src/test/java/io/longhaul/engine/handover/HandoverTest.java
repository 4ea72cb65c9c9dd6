package io.longhaul.engine.handover;

import static io.longhaul.engine.handover.HandoverState.GRANTED;
import static io.longhaul.engine.handover.HandoverState.OPEN;
import static io.longhaul.engine.handover.HandoverState.REFUSED;
import static io.longhaul.engine.handover.HandoverState.TAKEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HandoverTest {
    private final List<HandoverState> journal = new ArrayList<>();

    @Test
    void journalsADecisionBeforeItCounts() throws IOException {
        List<HandoverState> stateWhileWriting = new ArrayList<>();
        Handover[] handover = new Handover[1];
        handover[0] = Handover.ofSource(OPEN, next -> stateWhileWriting.add(handover[0].state()));

        assertThat(handover[0].decide(GRANTED)).isTrue();
        assertThat(stateWhileWriting).containsExactly(OPEN);
        assertThat(handover[0].state()).isEqualTo(GRANTED);
    }

    @Test
    void aDecisionThatCannotBeJournalledIsNotTaken() {
        Handover handover = Handover.ofDestination(OPEN, next -> {
            throw new IOException("disk full");
        });

        assertThatThrownBy(() -> handover.decide(TAKEN)).isInstanceOf(IOException.class);
        assertThat(handover.state()).isEqualTo(OPEN);
        assertThat(handover.mayRunHere()).isFalse();
    }

    @Test
    void takenAndRefusedExcludeEachOther() throws IOException {
        Handover taken = Handover.ofDestination(OPEN, journal::add);
        assertThat(taken.decide(TAKEN)).isTrue();
        assertThat(taken.decide(REFUSED)).isFalse();
        assertThat(taken.state()).isEqualTo(TAKEN);

        Handover refused = Handover.ofDestination(OPEN, journal::add);
        assertThat(refused.decide(REFUSED)).isTrue();
        assertThat(refused.decide(TAKEN)).isFalse();
        assertThat(journal).containsExactly(TAKEN, REFUSED);
    }

    @Test
    void theSameDecisionAgainIsNotJournalledTwice() throws IOException {
        Handover handover = Handover.ofSource(OPEN, journal::add);
        handover.decide(GRANTED);
        handover.decide(GRANTED);
        assertThat(journal).containsExactly(GRANTED);
    }

    @Test
    void theSourceNeedsToHaveGrantedBeforeItIsTaken() throws IOException {
        assertThat(Handover.ofSource(OPEN, journal::add).decide(TAKEN)).isFalse();
        assertThat(journal).isEmpty();
    }

    /** Any order of events, any loss of messages, any restart: the guest may run on at most one host. */
    @Test
    void atMostOneHostMayRunTheGuestWhateverIsLostAndWhoeverRestarts() throws IOException {
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            Handover source = Handover.ofSource(OPEN, journal::add);
            Handover destination = Handover.ofDestination(OPEN, journal::add);
            for (int step = 0; step < 20; step++) {
                switch (random.nextInt(6)) {
                    case 0 -> source.decide(GRANTED);
                    case 1 -> source.decide(source.state() == OPEN ? REFUSED : source.state());
                    case 2 -> destination.decide(source.state() == GRANTED ? TAKEN : destination.state());
                    case 3 -> destination.decide(REFUSED);
                    case 4 -> hearDecision(source, destination);
                    default -> source = Handover.ofSource(source.state(), journal::add);
                }
                assertThat(source.mayRunHere() && destination.mayRunHere())
                        .as("seed %d, step %d: %s, %s", seed, step, source.state(), destination.state())
                        .isFalse();
            }
        }
    }

    private static void hearDecision(Handover source, Handover destination) throws IOException {
        if (source.state() == GRANTED && destination.state() != OPEN) {
            source.decide(destination.state());
        }
    }
}
