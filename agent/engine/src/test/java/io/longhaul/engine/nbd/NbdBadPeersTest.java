package io.longhaul.engine.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What peers may get wrong, each answered, counted, and survived. */
final class NbdBadPeersTest {
    private static final int DONE = NbdProtocol.CHUNK_FLAG_DONE;

    @Test
    void aRequestWithoutItsMagicEndsTheConnectionAsAViolation() {
        byte[] request = NbdBytes.client(3).go("disk").raw(28, 0x41).toByteArray();
        assertThat(serve(request).violations()).isEqualTo(1);
    }

    @Test
    void anOptionWithoutItsMagicOrWithUnknownHandshakeFlagsIsAViolation() {
        assertThat(serve(NbdBytes.client(3).raw(16, 0x41).toByteArray()).violations())
                .isEqualTo(1);
        assertThat(serve(NbdBytes.client(7).go("disk").toByteArray()).violations())
                .isEqualTo(1);
    }

    @Test
    void anOptionTooLongIsRefusedUnread() {
        NbdServerCounters counters =
                serve(NbdBytes.client(3).option(NbdProtocol.OPTION_GO, -1).toByteArray());
        assertThat(counters.violations()).isEqualTo(1);
        assertThat(counters.cutConnections()).isZero();
    }

    @Test
    void aNegotiationThatNeverEndsIsEnded() {
        NbdBytes options = NbdBytes.client(3);
        for (int i = 0; i < 100; i++) {
            options.option(NbdProtocol.OPTION_LIST, 0);
        }
        assertThat(serve(options.toByteArray()).violations()).isEqualTo(1);
    }

    @Test
    void aConnectionThatEndsWithinAMessageIsCountedAsCut() {
        byte[] whole = NbdBytes.client(3)
                .go("disk")
                .request(0, NbdProtocol.COMMAND_WRITE, 0, 600)
                .raw(599, 1)
                .toByteArray();
        assertThat(serve(whole).cutConnections()).isEqualTo(1);
        assertThat(serve(NbdBytes.client(3).go("disk").toByteArray()).cutConnections())
                .isZero();
    }

    @Test
    void everyRefusedRequestIsCountedAndTheConnectionGoesOn() {
        NbdServerCounters counters = serve(NbdBytes.client(3)
                .go("disk")
                .request(0, NbdProtocol.COMMAND_READ, BoundaryExport.SIZE, 1)
                .request(0, NbdProtocol.COMMAND_READ, -1, 1)
                .request(0, NbdProtocol.COMMAND_READ, Long.MAX_VALUE, 0xFFFF_FFFFL)
                .request(0, NbdProtocol.COMMAND_WRITE, BoundaryExport.SIZE, 3)
                .raw(3, 1)
                .request(0, NbdProtocol.COMMAND_WRITE_ZEROES, 1, BoundaryExport.SIZE)
                .request(0, 99, 0, 0)
                .request(0x8000, NbdProtocol.COMMAND_FLUSH, 0, 0)
                .request(0, NbdProtocol.COMMAND_READ, 0, BoundaryExport.SIZE)
                .request(0, NbdProtocol.COMMAND_DISCONNECT, 0, 0)
                .toByteArray());
        assertThat(counters.refusedRequests()).isEqualTo(7);
        assertThat(counters.violations() + counters.cutConnections()).isZero();
    }

    @Test
    void requestsForNoBytesAreAnsweredWithoutTouchingTheDisk() {
        NbdServerCounters counters = serve(NbdBytes.client(3)
                .go("disk")
                .request(0, NbdProtocol.COMMAND_READ, 5, 0)
                .request(0, NbdProtocol.COMMAND_WRITE, 5, 0)
                .request(0, NbdProtocol.COMMAND_WRITE_ZEROES, 5, 0)
                .request(0, NbdProtocol.COMMAND_TRIM, 5, 0)
                .request(0, NbdProtocol.COMMAND_DISCONNECT, 0, 0)
                .toByteArray());
        assertThat(counters.refusedRequests() + counters.violations()).isZero();
    }

    /** Two halves of the right length over each other leave the rest of the buffer as it was. */
    @Test
    void aReadWhosePartsOverlapFails() throws IOException {
        NbdConnection connection = connect(
                NbdBytes.agreeingServer(1 << 20).dataChunk(0, 1, 0, 512, 1).dataChunk(DONE, 1, 0, 512, 1));
        assertViolation(() -> connection.read(0, ByteBuffer.allocate(1024)));
        assertThat(connection.broken()).isTrue();
    }

    @Test
    void aReadMayComeInAnyOrder() throws IOException {
        NbdConnection connection = connect(NbdBytes.agreeingServer(1 << 20)
                .dataChunk(0, 1, 768, 256, 4)
                .holeChunk(0, 1, 256, 256)
                .dataChunk(0, 1, 512, 256, 3)
                .dataChunk(DONE, 1, 0, 256, 1));
        ByteBuffer into = ByteBuffer.allocate(1024);
        connection.read(0, into);
        assertThat(List.of(into.get(0), into.get(256), into.get(512), into.get(1023)))
                .containsExactly((byte) 1, (byte) 0, (byte) 3, (byte) 4);
    }

    @Test
    void aReadWithAPartMissingOrBeyondItFails() throws IOException {
        assertViolation(() -> connect(NbdBytes.agreeingServer(1 << 20).dataChunk(DONE, 1, 0, 512, 1))
                .read(0, ByteBuffer.allocate(1024)));
        assertViolation(() -> connect(NbdBytes.agreeingServer(1 << 20).dataChunk(DONE, 1, 1, 1024, 1))
                .read(0, ByteBuffer.allocate(1024)));
        assertViolation(() -> connect(NbdBytes.agreeingServer(1 << 20).holeChunk(DONE, 1, 0, -1))
                .read(0, ByteBuffer.allocate(1024)));
    }

    @Test
    void aReplyThatNeverEndsIsEnded() throws IOException {
        NbdBytes server = NbdBytes.agreeingServer(1 << 20);
        for (int i = 0; i < 100; i++) {
            server.chunk(0, NbdProtocol.CHUNK_NONE, 1, new byte[0]);
        }
        NbdConnection connection = connect(server);
        assertViolation(connection::flush);
    }

    @Test
    void aDescriptionThatNeverEndsIsEnded() {
        NbdBytes server = NbdBytes.server(3)
                .optionReply(NbdProtocol.OPTION_STRUCTURED_REPLY, NbdProtocol.REPLY_ERROR_UNSUPPORTED, new byte[0]);
        for (int i = 0; i < 100; i++) {
            server.optionReply(NbdProtocol.OPTION_GO, NbdProtocol.REPLY_INFO, new byte[6]);
        }
        assertViolation(() -> connect(server));
    }

    @Test
    void anAnswerToAnotherRequestBreaksTheConnection() throws IOException {
        NbdConnection connection = connect(NbdBytes.agreeingServer(1 << 20).simpleReply(0, 2));
        assertViolation(connection::flush);
        assertThat(connection.broken()).isTrue();
    }

    @Test
    void aBlockStatusWithoutExtentsFailsInsteadOfBeingAskedForEver() throws IOException {
        NbdConnection connection = connect(NbdBytes.agreeingServer(1 << 20).simpleReply(0, 1));
        assertViolation(() -> connection.blockStatus(0, 4096));
    }

    private static void assertViolation(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(NbdViolationException.class);
    }

    private static NbdServerCounters serve(byte[] said) {
        NbdExports exports = new NbdExports();
        exports.add("disk", new BoundaryExport());
        NbdServerEvents events = new NbdServerEvents("test");
        new NbdServerConnection(NbdBytes.channel(said, new DiscardedOutput()), exports, events, connection -> {}).run();
        return events.counters();
    }

    private static NbdConnection connect(NbdBytes server) throws IOException {
        return NbdConnection.over(NbdBytes.channel(server.toByteArray(), new DiscardedOutput()), "disk");
    }
}
