package io.longhaul.engine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.session.Signals.Signal;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class SourceWordsTest {
    private final Signals signals = new Signals();
    private final List<SideProblem> problems = new ArrayList<>();
    private int pauses;
    private final SourceWords words = new SourceWords(signals, 2, () -> pauses++, problems::add);

    @Test
    void whatASourceSaysIsKeptAndSignalled() throws SideEndedException {
        words.onMessage(new ControlMessage.Paused());
        words.onMessage(new ControlMessage.Seal(List.of(3L, 4L)));
        assertThat(words.grant()).isNull();
        words.onMessage(new ControlMessage.Grant(List.of(3L, 4L), 9));
        assertThat(pauses).isOne();
        assertThat(signals.has(Signal.SEAL)).isTrue();
        assertThat(signals.has(Signal.GRANT)).isTrue();
        assertThat(words.seal().diskFrames()).containsExactly(3L, 4L);
        words.requireGrantAsSealed();
        assertThat(problems).isEmpty();
    }

    @Test
    void aSealForAnotherNumberOfDisksCannotBe() {
        words.onMessage(new ControlMessage.Seal(List.of(3L)));
        blamesTheSource(words::seal);
    }

    @Test
    void aGrantForOtherFramesThanSealCannotBe() {
        words.onMessage(new ControlMessage.Grant(List.of(3L, 4L), 9));
        blamesTheSource(words::requireGrantAsSealed);
        words.onMessage(new ControlMessage.Seal(List.of(3L, 5L)));
        blamesTheSource(words::requireGrantAsSealed);
    }

    @Test
    void aDestinationsWordFromASourceCannotBe() {
        words.onMessage(new ControlMessage.Taken());
        assertThat(problems).extracting(SideProblem::code).containsExactly(SideProblem.Code.PEER_REJECTED);
    }

    @Test
    void theSourcesReasonToEndIsPassedOn() {
        words.onMessage(new ControlMessage.Abort(Problems.askedToAbort()));
        assertThat(problems).containsExactly(Problems.askedToAbort());
    }

    private static void blamesTheSource(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SideEndedException.class,
                        end -> assertThat(end.problem())
                                .get()
                                .extracting(SideProblem::code)
                                .isEqualTo(SideProblem.Code.PEER_REJECTED));
    }
}
