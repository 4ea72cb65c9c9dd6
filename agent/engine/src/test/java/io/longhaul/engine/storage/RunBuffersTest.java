package io.longhaul.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.LinkSettings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RunBuffersTest {
    private static final int WHOLE = Frame.PAYLOAD_LIMIT_BYTES;

    private final RunBuffers buffers = new RunBuffers();

    @Test
    void aBufferIsUsedAgainOnceAllItsHoldersAreDone() {
        RunBuffers.Lease first = buffers.take(WHOLE);
        first.hold();
        first.release();
        RunBuffers.Lease second = buffers.take(WHOLE);
        assertThat(second.buffer()).as("a frame lies in the first").isNotSameAs(first.buffer());
        first.release();
        assertThat(buffers.take(WHOLE).buffer()).isSameAs(first.buffer());
    }

    @Test
    void noBufferIsGivenBackTwice() {
        RunBuffers.Lease lease = buffers.take(WHOLE);
        lease.release();
        assertThatThrownBy(lease::release).isInstanceOf(IllegalStateException.class);
        assertThat(buffers.take(WHOLE).buffer()).isNotSameAs(buffers.take(WHOLE).buffer());
    }

    @Test
    void aShortRunKeepsNoWholeBuffer() {
        assertThat(buffers.take(4096).buffer().capacity()).isEqualTo(4096);
    }

    @Test
    void noMoreAreKeptThanOneMigrationHasOnTheWay() {
        int onTheWay = LinkSettings.Windows.defaults().diskBytes() / WHOLE;
        List<RunBuffers.Lease> leases = new ArrayList<>();
        for (int index = 0; index < onTheWay + 8; index++) {
            leases.add(buffers.take(WHOLE));
        }
        leases.forEach(RunBuffers.Lease::release);
        List<?> known = leases.stream().map(RunBuffers.Lease::buffer).toList();
        long again = 0;
        for (int index = 0; index < onTheWay + 8; index++) {
            Object taken = buffers.take(WHOLE).buffer();
            again += known.stream().filter(buffer -> buffer == taken).count();
        }
        assertThat(again).isEqualTo(onTheWay);
    }
}
