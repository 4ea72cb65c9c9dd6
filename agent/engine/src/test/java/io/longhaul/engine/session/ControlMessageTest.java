package io.longhaul.engine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.transport.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ControlMessageTest {

    @Test
    void whatWasSentIsRead() throws IOException {
        for (ControlMessage message : List.of(
                new ControlMessage.Grant(List.of(7L, 0L), 12),
                new ControlMessage.Taken(),
                new ControlMessage.Paused(),
                new ControlMessage.Seal(List.of()),
                new ControlMessage.Seal(List.of(7L, 0L)))) {
            assertThat(ControlMessage.of(message.frame())).isEqualTo(message);
        }
    }

    @Test
    void countsThatDoNotFitTheirNumberAreRefused() {
        ByteBuffer payload = ByteBuffer.allocate(12).putInt(2).putLong(1).flip();
        for (int kind : new int[] {ControlMessage.SEAL, ControlMessage.GRANT}) {
            Frame frame = new Frame(kind, 0, 0, payload.duplicate());
            assertThatThrownBy(() -> ControlMessage.of(frame)).isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> ControlMessage.of(Frame.withoutPayload(9, 0, 0)))
                .isInstanceOf(IOException.class);
    }
}
