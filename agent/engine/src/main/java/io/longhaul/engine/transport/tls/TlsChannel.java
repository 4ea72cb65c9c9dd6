package io.longhaul.engine.transport.tls;

import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.Connection;
import io.longhaul.engine.transport.UnprovenPeerException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A blocking TLS 1.3 channel over a blocking socket, both sides proven by certificates. One thread may read while another
 * writes; {@link #close} is for any thread. Whoever reads or writes first does the handshake, and who comes meanwhile
 * waits for its end: nothing is taken from or given to a peer that is not proven. The first write leaves with the
 * handshake's last message.
 *
 * <p>Bytes held until the channel is collected: {@link #UNPROVEN_BYTES} from the beginning, {@link #STATE_BYTES} once
 * there is bulk to read and to write. Nothing is allocated here for a record. All of it in the heap: what lies outside of
 * it the JDK's AES-GCM takes in by 512 bytes, each time into new arrays (JDK 25: 3.8 GB/s against 13.5 GB/s), which costs
 * more than the one copy to the socket.
 *
 * <p>The end: {@link #finishWriting} says close_notify and leaves the other direction open; its peer's {@link #read}
 * then gives -1. A connection that ends without it has been cut, and read throws, so that nobody takes a cut for an end.
 */
final class TlsChannel implements Connection {
    /** What goes to the socket at once: eight full records. Fewer cost a system call each 16 KiB. */
    private static final int BATCH_BYTES = 128 * 1024;

    /** The largest record with header, padding and tag, as the JDK's engine counts it. */
    private static final int RECORD_BYTES = 16 * 1024 + 512;

    /** One record inbound, one decrypted, and room for one behind what waits to be written. */
    static final long UNPROVEN_BYTES = 4L * RECORD_BYTES;

    /** Outbound and inbound batches with room for one more record each, and one decrypted record. */
    static final long STATE_BYTES = 2L * (BATCH_BYTES + RECORD_BYTES) + RECORD_BYTES;

    private static final ByteBuffer[] NOTHING = {ByteBuffer.allocate(0)};

    private final SocketChannel socket;
    private final SSLEngine engine;
    private final Judge judge;
    private final Deadline deadline;
    private final Runnable onClose;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final ReentrantLock proving = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();
    private final ReentrantLock reading = new ReentrantLock();
    /** Records that wait to be written; empty between writes. */
    private ByteBuffer outbound = ByteBuffer.allocate(2 * RECORD_BYTES);
    /** Records that were read; between reads, position to limit is what is not decrypted. */
    private ByteBuffer inbound = ByteBuffer.allocate(RECORD_BYTES).limit(0);
    /** The rest of a record that the reader had no room for. */
    private final ByteBuffer plain = ByteBuffer.allocate(RECORD_BYTES).limit(0);

    private boolean inboundEnded;
    private boolean heard;
    private @Nullable IOException failure;
    private volatile @Nullable PeerIdentity peer;

    /** Says whether a peer that has proved to be an agent will do. */
    interface Judge {
        void judge(PeerIdentity peer) throws SSLException;
    }

    /** How long the handshake may take from its beginning. */
    record Deadline(Duration time, Ticker ticker) {}

    /**
     * @param socket connected, in blocking mode; the channel's from now on
     * @param engine for this connection alone, its mode set
     * @param onClose run once
     */
    TlsChannel(SocketChannel socket, SSLEngine engine, Judge judge, Deadline deadline, Runnable onClose) {
        this.socket = socket;
        this.engine = engine;
        this.judge = judge;
        this.deadline = deadline;
        this.onClose = onClose;
    }

    /**
     * Both sides prove themselves, once.
     *
     * @param speaking whether a write follows at once, which takes the handshake's last message along
     * @return false where the peer hung up before it said anything
     * @throws UnprovenPeerException where it is not who it should be, or speaks something else, or takes too long; the
     *     socket is closed
     */
    private boolean prove(boolean speaking) throws IOException {
        if (peer != null) {
            return true;
        }
        proving.lock();
        try {
            if (peer != null) {
                return true;
            }
            if (failure != null) {
                throw failure;
            }
            if (inboundEnded) {
                return false;
            }
            return handshake(speaking);
        } catch (IOException failed) {
            // Whoever hung up on this side knows why; that is nothing that the peer has done.
            IOException why = socket.isOpen() ? TlsRefusals.of(failed) : failed;
            failure = why;
            close();
            throw why;
        } finally {
            proving.unlock();
        }
    }

    private boolean handshake(boolean speaking) throws IOException {
        HandshakeInput input = new HandshakeInput(
                socket.socket(),
                deadline.ticker(),
                deadline.ticker().nanos() + deadline.time().toNanos());
        try {
            engine.beginHandshake();
            while (!handshakeStep(input)) {
                if (inboundEnded) {
                    return false;
                }
            }
            if (!speaking) {
                flush();
            }
            PeerIdentity found = PeerIdentity.ofValid(engine.getSession());
            judge.judge(found);
            input.done();
            peer = found;
            return true;
        } catch (SSLException refused) {
            tellWhy();
            throw refused;
        }
    }

    private boolean handshakeStep(HandshakeInput input) throws IOException {
        switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> runTasks();
            case NEED_WRAP -> {
                if (outbound.remaining() < RECORD_BYTES) {
                    flush();
                }
                wrap(NOTHING);
            }
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                flush();
                plain.clear();
                SSLEngineResult result = engine.unwrap(inbound, plain);
                plain.flip();
                if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
                    inboundEnded = !input.receive(inbound);
                } else if (result.getStatus() == Status.CLOSED) {
                    throw new EOFException("the peer closed the connection during the TLS handshake");
                }
            }
            case FINISHED, NOT_HANDSHAKING -> {
                return true;
            }
        }
        return false;
    }

    /** The peer is owed the reason as an alert; one that does not take it is told nothing. */
    private void tellWhy() {
        try {
            while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                    && engine.wrap(NOTHING, outbound).bytesProduced() > 0) {
                flush();
            }
        } catch (IOException e) {
            outbound.clear();
        }
    }

    /** Blocks until something was decrypted; -1 after the peer's close_notify, or where it hung up unheard. */
    @Override
    public int read(ByteBuffer target) throws IOException {
        reading.lock();
        try {
            if (!prove(false)) {
                return -1;
            }
            int taken = plain.hasRemaining() ? takePlain(target) : 0;
            while (target.hasRemaining() && !inboundEnded) {
                int more = decrypt(target, taken == 0);
                if (more < 0) {
                    break;
                }
                taken += more;
            }
            heard |= taken > 0;
            return taken == 0 && inboundEnded && target.hasRemaining() ? -1 : taken;
        } catch (SSLException broken) {
            // The connecting side is done before the accepting one has judged it, and hears of that here.
            throw heard || !engine.getUseClientMode() ? broken : TlsRefusals.of(broken);
        } finally {
            reading.unlock();
        }
    }

    /**
     * Decrypts one record, into the target itself where it has the room.
     *
     * @param mayBlock whether to wait for more where no whole record is here
     * @return bytes put into the target; -1 where it was not to block and would have
     */
    private int decrypt(ByteBuffer target, boolean mayBlock) throws IOException {
        boolean straight = target.remaining() >= RECORD_BYTES;
        ByteBuffer into = straight ? target : plain.clear();
        SSLEngineResult result;
        try {
            result = engine.unwrap(inbound, into);
        } finally {
            if (!straight) {
                plain.flip();
            }
        }
        switch (result.getStatus()) {
            case OK -> {
                runTasks();
                return straight ? result.bytesProduced() : takePlain(target);
            }
            case BUFFER_UNDERFLOW -> {
                if (!mayBlock) {
                    return -1;
                }
                receive(straight);
                return 0;
            }
            case CLOSED -> {
                inboundEnded = true;
                return 0;
            }
            case BUFFER_OVERFLOW -> throw new SSLException("a record is larger than TLS allows");
        }
        throw new IllegalStateException(result.toString());
    }

    private void receive(boolean bulk) throws IOException {
        if (bulk && inbound.capacity() < BATCH_BYTES) {
            inbound =
                    ByteBuffer.allocate(BATCH_BYTES + RECORD_BYTES).put(inbound).flip();
        }
        inbound.compact();
        int count;
        try {
            count = socket.read(inbound);
        } finally {
            inbound.flip();
        }
        if (count < 0) {
            throw new EOFException("the connection was cut: it ended without close_notify");
        }
    }

    private int takePlain(ByteBuffer target) {
        int count = Math.min(plain.remaining(), target.remaining());
        int end = plain.limit();
        plain.limit(plain.position() + count);
        target.put(plain);
        plain.limit(end);
        return count;
    }

    /** Blocks until the socket has taken all of it. */
    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        writing.lock();
        try {
            requireProven();
            long total = 0;
            for (ByteBuffer source : sources) {
                total += source.remaining();
            }
            if (total > RECORD_BYTES && outbound.capacity() < BATCH_BYTES) {
                flush();
                outbound = ByteBuffer.allocate(BATCH_BYTES + RECORD_BYTES);
            }
            long left = total;
            while (left > 0) {
                while (left > 0 && outbound.remaining() >= RECORD_BYTES) {
                    left -= wrap(sources);
                }
                flush();
            }
            return total;
        } finally {
            writing.unlock();
        }
    }

    private void requireProven() throws IOException {
        if (!prove(true)) {
            throw new SSLException("the peer hung up before it said anything");
        }
    }

    /** Encrypts one record: data, or what the protocol has to say before it. */
    private int wrap(ByteBuffer[] sources) throws IOException {
        SSLEngineResult result = engine.wrap(sources, outbound);
        if (result.getStatus() == Status.CLOSED && result.bytesProduced() == 0) {
            throw new ClosedChannelException();
        }
        if (result.getStatus() == Status.BUFFER_OVERFLOW) {
            throw new SSLException("a record is larger than TLS allows");
        }
        runTasks();
        return result.bytesConsumed();
    }

    private void flush() throws IOException {
        outbound.flip();
        try {
            while (outbound.hasRemaining()) {
                int unused = socket.write(outbound);
            }
        } finally {
            outbound.clear();
        }
    }

    /** Certificates are checked in tasks: the engine leaves it to its user where that runs. Here, on the caller's. */
    private void runTasks() {
        if (engine.getHandshakeStatus() != HandshakeStatus.NEED_TASK) {
            return;
        }
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    /** Tells the peer that nothing more comes. It may go on writing. Idempotent; may block as a write may. */
    @Override
    public void finishWriting() throws IOException {
        writing.lock();
        try {
            requireProven();
            if (engine.isOutboundDone()) {
                return;
            }
            engine.closeOutbound();
            while (!engine.isOutboundDone()) {
                wrap(NOTHING);
            }
            flush();
            socket.shutdownOutput();
        } finally {
            writing.unlock();
        }
    }

    @Override
    public String peer() {
        PeerIdentity proven = peer;
        String address = Connection.addressOf(socket);
        return proven == null
                ? address
                : address + " (" + proven.hostName() + ", "
                        + engine.getSession().getProtocol() + ")";
    }

    /** Nobody before the peer is proven. */
    @Override
    public boolean couldBe(String hostName) {
        PeerIdentity proven = peer;
        return proven != null && proven.hostName().equals(hostName);
    }

    /**
     * Hangs up at once and frees whoever reads or writes; says no close_notify, which could block. Who wants the peer to
     * know that the end was meant calls {@link #finishWriting} first. Idempotent.
     */
    @Override
    public void close() throws IOException {
        try {
            socket.close();
        } finally {
            if (closed.compareAndSet(false, true)) {
                onClose.run();
            }
        }
    }
}
