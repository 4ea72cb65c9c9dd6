package io.longhaul.engine.transport;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the urgent connection besides the control stream. Not thread safe: the outbox's lock guards it. Each is
 * one thing at a time, so nothing here grows; acknowledgements are bounded by the windows.
 */
final class UrgentDesk {
    private final AckBatch acks;
    private boolean pingWanted;
    private Urgent.@Nullable Answer answer;
    private long heldAnswer;
    private boolean questionWanted;
    private long lastQuestion;
    private Urgent.@Nullable Ending ending;

    UrgentDesk(AckBatch acks) {
        this.acks = acks;
    }

    AckBatch acks() {
        return acks;
    }

    void ping() {
        pingWanted = true;
    }

    void answer(Urgent.Answer pong) {
        answer = pong;
    }

    /** A newer question stands for the older ones. */
    void answerHeld(long question) {
        heldAnswer = question;
    }

    /** @return the number that the question is going to have */
    long wantQuestion() {
        questionWanted = true;
        return nextQuestion();
    }

    long nextQuestion() {
        return lastQuestion + 1;
    }

    long lastQuestion() {
        return lastQuestion;
    }

    void end(Urgent.@Nullable Ending lastWords) {
        ending = lastWords;
    }

    boolean hasEnding() {
        return ending != null;
    }

    /** What was asked for a connection that is lost; the question is to be asked again. */
    void connectionLost() {
        pingWanted = false;
        answer = null;
        heldAnswer = 0;
        questionWanted = true;
    }

    boolean isDue() {
        return pingWanted || answer != null || heldAnswer != 0 || questionWanted;
    }

    /** @param nothingLeft whether the control frames are all taken before these */
    Urgent take(List<OutgoingFrame> frames, boolean nothingLeft, long nowNanos) {
        boolean last = acks.isEmpty() && nothingLeft && frames.isEmpty();
        long question = questionWanted ? ++lastQuestion : 0;
        Urgent urgent = new Urgent(
                acks.drain(nowNanos), pingWanted, answer, heldAnswer, question, frames, last ? ending : null);
        pingWanted = false;
        answer = null;
        heldAnswer = 0;
        questionWanted = false;
        return urgent;
    }
}
