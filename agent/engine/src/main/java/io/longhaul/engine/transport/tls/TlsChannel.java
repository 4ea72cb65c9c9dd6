package io.longhaul.engine.transport.tls;

import io.longhaul.engine.support.Ticker;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * A blocking TLS 1.3 channel over a blocking socket, both sides proven by certificates. One thread may read while another
 * writes; {@link #close} is for any thread. Made when the handshake is over, so every instance has a proven peer.
 *
 * <p>Bytes held: {@link #STATE_BYTES} per channel, outside of the heap, from the handshake until it is collected. Nothing
 * is allocated here for a record.
 *
 * <p>The end: {@link #shutdownOutput} says close_notify and leaves the other direction open; its peer's {@link #read}
 * then gives -1. A connection that ends without it has been cut, and read throws, so that nobody takes a cut for an end.
 */
public final class TlsChannel implements ByteChannel, GatheringByteChannel {
    /** What goes to the socket at once: eight full records. Fewer cost a system call each 16 KiB. */
    static final int BATCH_BYTES = 128 * 1024;

    /** The largest record with header, padding and tag, as the JDK's engine counts it. */
    private static final int RECORD_BYTES = 16 * 1024 + 512;

    /** Outbound and inbound batches with room for one more record each, and one decrypted record. */
    public static final long STATE_BYTES = 2L * (BATCH_BYTES + RECORD_BYTES) + RECORD_BYTES;

    /** Half the work of a 256-bit key for the bulk of the bytes; both are far beyond reach. */
    private static final String[] SUITES = {
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"
    };

    private static final String[] PROTOCOLS = {"TLSv1.3"};
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final ByteBuffer[] NOTHING = {ByteBuffer.allocate(0)};

    private final SocketChannel socket;
    private final SSLEngine engine;
    private final ReentrantLock writing = new ReentrantLock();
    private final ReentrantLock reading = new ReentrantLock();
    /** Records that wait to be written; empty between writes. */
    private final ByteBuffer outbound = ByteBuffer.allocateDirect(BATCH_BYTES + RECORD_BYTES);
    /** Records that were read; between reads, position to limit is what is not decrypted. */
    private final ByteBuffer inbound =
            ByteBuffer.allocateDirect(BATCH_BYTES + RECORD_BYTES).limit(0);
    /** The rest of a record that the reader had no room for. */
    private final ByteBuffer plain = ByteBuffer.allocateDirect(RECORD_BYTES).limit(0);

    private final ByteBuffer[] single = new ByteBuffer[1];
    private boolean inboundEnded;
    private PeerIdentity peer = new PeerIdentity("");

    private TlsChannel(SocketChannel socket, SSLEngine engine) {
        this.socket = socket;
        this.engine = engine;
    }

    /**
     * The connecting side. Blocks until both sides are proven; closes the socket where that fails.
     *
     * @param socket connected, in blocking mode; the channel's from now on
     * @param expectedHostName the only host whose certificate will do
     * @throws SSLException where the peer is not who it should be, or speaks something else
     * @throws SocketTimeoutException where it takes longer than the deadline
     */
    public static TlsChannel connect(
            SocketChannel socket, SSLContext context, String expectedHostName, Duration deadline, Ticker ticker)
            throws IOException {
        return open(socket, context, true, deadline, ticker, expectedHostName);
    }

    /** The accepting side, which learns from {@link #peer()} who it is and has to judge that; else as {@link #connect}. */
    public static TlsChannel accept(SocketChannel socket, SSLContext context, Duration deadline, Ticker ticker)
            throws IOException {
        return open(socket, context, false, deadline, ticker, "");
    }

    private static TlsChannel open(
            SocketChannel socket,
            SSLContext context,
            boolean client,
            Duration deadline,
            Ticker ticker,
            String expectedHostName)
            throws IOException {
        TlsChannel channel = new TlsChannel(socket, engine(context, client));
        boolean done = false;
        try {
            channel.handshake(ticker, ticker.nanos() + deadline.toNanos());
            channel.peer = PeerIdentity.of(channel.engine.getSession());
            if (client) {
                channel.peer.require(expectedHostName);
            }
            done = true;
            return channel;
        } finally {
            if (!done) {
                socket.close();
            }
        }
    }

    /** Without a peer's address there is no session to resume: every connection proves both sides anew. */
    private static SSLEngine engine(SSLContext context, boolean client) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(client);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(PROTOCOLS);
        parameters.setCipherSuites(SUITES);
        if (!client) {
            parameters.setNeedClientAuth(true);
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** The proven host at the other end. */
    public PeerIdentity peer() {
        return peer;
    }

    private void handshake(Ticker ticker, long endNanos) throws IOException {
        try {
            engine.beginHandshake();
            while (!handshakeStep(ticker, endNanos)) {
                // Each step either moves the handshake on, waits for the peer or fails.
            }
            socket.socket().setSoTimeout(0);
        } catch (SSLException refused) {
            tellWhy();
            throw refused;
        }
    }

    private boolean handshakeStep(Ticker ticker, long endNanos) throws IOException {
        switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> runTasks();
            case NEED_WRAP -> {
                wrap(NOTHING, 0, 1);
                flush();
            }
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                plain.clear();
                SSLEngineResult result = engine.unwrap(inbound, plain);
                plain.flip();
                if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
                    receiveBefore(ticker, endNanos);
                } else if (result.getStatus() == Status.CLOSED) {
                    throw new SSLException("the peer closed the connection during the TLS handshake");
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

    private void receiveBefore(Ticker ticker, long endNanos) throws IOException {
        inbound.compact();
        try {
            long leftNanos = endNanos - ticker.nanos();
            if (leftNanos <= 0) {
                throw new SocketTimeoutException("the time for the TLS handshake is over");
            }
            // The socket counts whole milliseconds, and takes 0 for never.
            socket.socket().setSoTimeout((int) Math.max(1, Math.min(Integer.MAX_VALUE, leftNanos / NANOS_PER_MILLI)));
            InputStream stream = socket.socket().getInputStream();
            byte[] some = new byte[Math.min(inbound.remaining(), RECORD_BYTES)];
            int count = stream.read(some);
            if (count < 0) {
                throw new SSLException("the peer closed the connection during the TLS handshake");
            }
            inbound.put(some, 0, count);
        } finally {
            inbound.flip();
        }
    }

    /** Blocks until something was decrypted; -1 after the peer's close_notify. */
    @Override
    public int read(ByteBuffer target) throws IOException {
        reading.lock();
        try {
            int taken = plain.hasRemaining() ? takePlain(target) : 0;
            while (target.hasRemaining() && !inboundEnded) {
                int more = decrypt(target, taken == 0);
                if (more < 0) {
                    break;
                }
                taken += more;
            }
            return taken == 0 && inboundEnded && target.hasRemaining() ? -1 : taken;
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
                receive();
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

    private void receive() throws IOException {
        inbound.compact();
        int count;
        try {
            count = socket.read(inbound);
        } finally {
            inbound.flip();
        }
        if (count < 0) {
            throw new SSLException("the connection was cut: it ended without close_notify");
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

    @Override
    public int write(ByteBuffer source) throws IOException {
        writing.lock();
        try {
            single[0] = source;
            return (int) write(single, 0, 1);
        } finally {
            single[0] = NOTHING[0];
            writing.unlock();
        }
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    /** Blocks until the socket has taken all of it. */
    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        writing.lock();
        try {
            long total = 0;
            for (int i = offset; i < offset + length; i++) {
                total += sources[i].remaining();
            }
            long left = total;
            while (left > 0) {
                while (left > 0 && outbound.remaining() >= RECORD_BYTES) {
                    left -= wrap(sources, offset, length);
                }
                flush();
            }
            return total;
        } finally {
            writing.unlock();
        }
    }

    /** Encrypts one record: data, or what the protocol has to say before it. */
    private int wrap(ByteBuffer[] sources, int offset, int length) throws IOException {
        SSLEngineResult result = engine.wrap(sources, offset, length, outbound);
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
    public void shutdownOutput() throws IOException {
        writing.lock();
        try {
            if (engine.isOutboundDone()) {
                return;
            }
            engine.closeOutbound();
            while (!engine.isOutboundDone()) {
                wrap(NOTHING, 0, 1);
            }
            flush();
            socket.shutdownOutput();
        } finally {
            writing.unlock();
        }
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    /**
     * Hangs up at once and frees whoever reads or writes; says no close_notify, which could block. Who wants the peer to
     * know that the end was meant calls {@link #shutdownOutput} first. Idempotent.
     */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
