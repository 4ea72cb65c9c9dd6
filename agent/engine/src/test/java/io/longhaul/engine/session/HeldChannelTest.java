package io.longhaul.engine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

final class HeldChannelTest {
    private final HeldChannel channel =
            new HeldChannel(Channels.newChannel(new ByteArrayInputStream(new byte[] {1, 2, 3})));

    @Test
    void passesOnWhatIsThereAndItsEnd() throws IOException {
        assertThat(channel.read(ByteBuffer.allocate(10))).isEqualTo(3);
        assertThat(channel.read(ByteBuffer.allocate(10))).isEqualTo(-1);
    }

    @Test
    void whoReadsWaitsWhileItIsHeldAndGoesOnWhenItIsNot() {
        channel.hold(true);
        CompletableFuture<Integer> reading = CompletableFuture.supplyAsync(this::read);
        assertThat(reading).isNotDone();
        channel.hold(true);
        channel.hold(false);
        assertThat(reading.join()).isEqualTo(3);
    }

    @Test
    void closingFreesWhoWaits() throws IOException {
        channel.hold(true);
        CompletableFuture<Integer> reading = CompletableFuture.supplyAsync(this::read);
        channel.close();
        channel.close();
        assertThatThrownBy(reading::join)
                .isInstanceOf(CompletionException.class)
                .hasRootCauseInstanceOf(ClosedChannelException.class);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void nothingIsReadAfterItWasClosedWhateverTheStreamSays() throws IOException {
        ReadableByteChannel neverClosed = new ReadableByteChannel() {
            @Override
            public int read(ByteBuffer into) {
                into.put((byte) 1);
                return 1;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        HeldChannel closed = new HeldChannel(neverClosed);
        closed.close();
        assertThatThrownBy(() -> closed.read(ByteBuffer.allocate(10))).isInstanceOf(ClosedChannelException.class);
    }

    private int read() {
        try {
            return channel.read(ByteBuffer.allocate(10));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
