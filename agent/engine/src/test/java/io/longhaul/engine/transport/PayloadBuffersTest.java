package io.longhaul.engine.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PayloadBuffersTest {
    private final PayloadBuffers buffers = new PayloadBuffers(4 << 20);

    @ParameterizedTest
    @ValueSource(
            ints = {
                0,
                1,
                48 << 10,
                (48 << 10) + 1,
                (180 << 10) + 1,
                240 << 10,
                (240 << 10) + 1,
                320 << 10,
                (320 << 10) + 1,
                768 << 10,
                (768 << 10) + 1,
                1 << 20
            })
    void givesJustAsManyBytesAsAskedFor(int bytes) {
        ByteBuffer taken = buffers.take(bytes);
        assertThat(taken.position()).isZero();
        assertThat(taken.remaining()).isEqualTo(bytes);
        assertThat(taken.arrayOffset()).isZero();
        assertThat(taken.array().length).isLessThanOrEqualTo(bytes * 137 / 100);
    }

    @ParameterizedTest
    @ValueSource(ints = {60 << 10, 150 << 10, 300 << 10, 1 << 20})
    void whatIsGivenBackIsUsedAgainAndNothingElseIs(int bytes) {
        ByteBuffer first = buffers.take(bytes);
        ByteBuffer second = buffers.take(bytes);
        assertThat(second.array()).isNotSameAs(first.array());

        buffers.giveBack(first);
        ByteBuffer third = buffers.take(bytes - 1000);
        assertThat(third.array()).isSameAs(first.array());
        assertThat(third.remaining()).isEqualTo(bytes - 1000);
        assertThat(buffers.take(bytes).array()).isNotSameAs(first.array()).isNotSameAs(second.array());
    }

    @Test
    void ofWhatIsTooMuchTheSizeThatWasNotAskedForForLongestGoesFirst() {
        List<ByteBuffer> disks = takeAll(3, 1 << 20);
        List<ByteBuffer> pages = takeAll(6, 300 << 10);
        disks.forEach(buffers::giveBack);
        pages.forEach(buffers::giveBack);
        assertThat(usedAgain(pages)).isEqualTo(6);
        assertThat(usedAgain(disks)).isEqualTo(2);
    }

    @Test
    void aSizeThatIsOnlyGivenBackIsNotAskedFor() {
        List<ByteBuffer> disks = takeAll(3, 1 << 20);
        List<ByteBuffer> pages = takeAll(6, 300 << 10);
        pages.forEach(buffers::giveBack);
        disks.forEach(buffers::giveBack);
        assertThat(usedAgain(pages)).isEqualTo(6);
    }

    @Test
    void aNewArrayTakesThePlaceOfSomeOfAnotherSize() {
        List<ByteBuffer> disks = takeAll(3, 1 << 20);
        disks.forEach(buffers::giveBack);
        buffers.giveBack(buffers.take(300 << 10));
        assertThat(usedAgain(disks)).isEqualTo(2);
    }

    @Test
    void whatIsGivenBackTwiceIsRefused() {
        ByteBuffer taken = buffers.take(300 << 10);
        buffers.giveBack(taken);
        assertThatThrownBy(() -> buffers.giveBack(taken)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shortPayloadsAreNotKept() {
        ByteBuffer taken = buffers.take(1000);
        buffers.giveBack(taken);
        assertThat(buffers.take(1000).array()).isNotSameAs(taken.array());
    }

    private List<ByteBuffer> takeAll(int count, int bytes) {
        return Stream.generate(() -> buffers.take(bytes)).limit(count).toList();
    }

    private long usedAgain(List<ByteBuffer> before) {
        List<ByteBuffer> now = takeAll(before.size(), before.get(0).limit());
        return now.stream()
                .filter(one -> before.stream().anyMatch(other -> other.array() == one.array()))
                .count();
    }
}
