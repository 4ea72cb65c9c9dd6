package io.longhaul.engine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.session.Signals.Signal;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class WholeStreamTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    private final Signals signals = new Signals();

    private WholeStream stream(Duration longest) {
        return new WholeStream(Channels.newChannel(new ByteArrayInputStream(new byte[] {1, 2, 3})), signals, longest);
    }

    @Test
    void theEndOfAStreamThatWasWrittenInFullIsPassedOn() throws IOException {
        signals.raise(Signal.MEMORY_SENT);
        WholeStream stream = stream(LONG);
        assertThat(stream.read(ByteBuffer.allocate(10))).isEqualTo(3);
        assertThat(stream.read(ByteBuffer.allocate(10))).isEqualTo(-1);
    }

    @Test
    void theEndOfAStreamWhoseHypervisorHasDiedIsNoEnd() throws IOException {
        WholeStream stream = stream(LONG);
        assertThat(stream.read(ByteBuffer.allocate(10))).isEqualTo(3);
        signals.fail(Problems.guestDied("killed"));
        assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(10))).isInstanceOf(EOFException.class);
    }

    @Test
    void whoIsAskedToAbortWaitsForNoWord() throws IOException {
        WholeStream stream = stream(LONG);
        assertThat(stream.read(ByteBuffer.allocate(10))).isEqualTo(3);
        signals.requestAbort();
        assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(10))).isInstanceOf(EOFException.class);
    }

    @Test
    void aHypervisorThatEndsItsStreamWithoutAWordHasFailed() throws IOException {
        WholeStream stream = stream(Duration.ofMillis(1));
        assertThat(stream.read(ByteBuffer.allocate(10))).isEqualTo(3);
        assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(10)))
                .isInstanceOf(EOFException.class)
                .hasMessageContaining("before it had written everything");
    }
}
