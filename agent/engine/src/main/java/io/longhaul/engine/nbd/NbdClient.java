package io.longhaul.engine.nbd;

import io.longhaul.engine.hypervisor.DiskFullException;
import io.longhaul.engine.hypervisor.DiskWriter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A disk behind an NBD server's unix socket. Thread safe: each request has a connection for itself while it lasts, and
 * waits where all are taken. Connections beyond the first are opened when they are needed, and only where the server
 * says that a flush on one covers the others.
 *
 * <p>Errors that the server answers with are {@link NbdException}, out of room is a {@link DiskFullException} caused by
 * one. Any other {@link IOException} ends the client: nothing is retried, because the server is a process of the same
 * machine, gone or being ended. Interrupting a thread within a call ends the client too. {@link #close} from any thread
 * makes calls that are under way fail.
 */
public final class NbdClient implements DiskWriter {
    /** Far below the protocol's limit of 4 GiB, and long enough that a sparse terabyte is asked in a thousand requests. */
    private static final long RANGE_LIMIT_BYTES = 1L << 30;

    private final Path socketPath;
    private final String exportName;
    private final NbdHandshake.Agreement agreement;
    private final int connectionLimit;

    private final Object lock = new Object();
    private final Deque<NbdConnection> idle = new ArrayDeque<>();
    private final Set<NbdConnection> open = new HashSet<>();
    private int opening;
    private boolean ended;

    private NbdClient(Path socketPath, String exportName, int connections, NbdConnection first) {
        this.socketPath = socketPath;
        this.exportName = exportName;
        this.agreement = first.agreement();
        boolean several = (agreement.exportFlags() & NbdProtocol.EXPORT_CAN_MULTI_CONN) != 0;
        this.connectionLimit = several ? connections : 1;
        open.add(first);
        idle.add(first);
    }

    /**
     * Connects and negotiates.
     *
     * @param connections requests that may be under way at the same time
     */
    public static NbdClient open(Path socketPath, String exportName, int connections) throws IOException {
        if (connections < 1) {
            throw new IllegalArgumentException("connections must be at least 1, not " + connections);
        }
        return new NbdClient(socketPath, exportName, connections, NbdConnection.open(socketPath, exportName));
    }

    @Override
    public long sizeBytes() {
        return agreement.sizeBytes();
    }

    @Override
    public void read(long offset, ByteBuffer into) throws IOException {
        int end = into.limit();
        while (into.position() < end) {
            into.limit((int) Math.min(end, into.position() + (long) NbdProtocol.PAYLOAD_LIMIT_BYTES));
            long from = offset;
            offset += into.remaining();
            perform(connection -> connection.read(from, into));
            into.limit(end);
        }
    }

    @Override
    public void write(long offset, ByteBuffer data) throws IOException {
        ByteBuffer rest = data.duplicate();
        while (rest.hasRemaining()) {
            int part = Math.min(rest.remaining(), NbdProtocol.PAYLOAD_LIMIT_BYTES);
            ByteBuffer piece = rest.slice(rest.position(), part);
            long from = offset;
            perform(connection -> connection.write(from, piece));
            rest.position(rest.position() + part);
            offset += part;
        }
        data.position(data.limit());
    }

    @Override
    public void writeZeroes(long offset, long lengthBytes) throws IOException {
        long end = offset + lengthBytes;
        for (long from = offset; from < end; from += RANGE_LIMIT_BYTES) {
            long start = from;
            perform(connection -> connection.writeZeroes(start, Math.min(RANGE_LIMIT_BYTES, end - start)));
        }
    }

    @Override
    public void flush() throws IOException {
        if ((agreement.exportFlags() & NbdProtocol.EXPORT_SEND_FLUSH) != 0) {
            perform(NbdConnection::flush);
        }
    }

    @Override
    public List<Extent> extents(long offset, long lengthBytes) throws IOException {
        if (lengthBytes == 0) {
            return List.of();
        }
        if (!agreement.allocation()) {
            return List.of(new Extent(offset, lengthBytes, false));
        }
        List<Extent> extents = new ArrayList<>();
        long end = offset + lengthBytes;
        for (long next = offset; next < end; ) {
            long from = next;
            List<Extent> told = new ArrayList<>();
            perform(connection -> told.addAll(connection.blockStatus(from, Math.min(RANGE_LIMIT_BYTES, end - from))));
            for (Extent extent : told) {
                next = append(extents, next, Math.min(end, extent.offset() + extent.lengthBytes()), extent.zero());
            }
        }
        return extents;
    }

    private static long append(List<Extent> extents, long from, long end, boolean zero) {
        if (end <= from) {
            return from;
        }
        int last = extents.size() - 1;
        if (last >= 0 && extents.get(last).zero() == zero) {
            long start = extents.get(last).offset();
            extents.set(last, new Extent(start, end - start, zero));
        } else {
            extents.add(new Extent(from, end - from, zero));
        }
        return end;
    }

    /** Idempotent. */
    @Override
    public void close() {
        List<NbdConnection> resting;
        List<NbdConnection> busy;
        synchronized (lock) {
            ended = true;
            resting = List.copyOf(idle);
            open.removeAll(resting);
            busy = List.copyOf(open);
            idle.clear();
            open.clear();
            lock.notifyAll();
        }
        resting.forEach(NbdConnection::disconnect);
        busy.forEach(NbdConnection::close);
    }

    private interface Exchange {
        void on(NbdConnection connection) throws IOException;
    }

    private void perform(Exchange exchange) throws IOException {
        NbdConnection connection = borrow();
        try {
            exchange.on(connection);
        } catch (NbdException e) {
            if (e.errno() == NbdException.ENOSPC) {
                throw new DiskFullException("no room below the disk", e);
            }
            throw e;
        } finally {
            giveBack(connection);
        }
    }

    private NbdConnection borrow() throws IOException {
        synchronized (lock) {
            while (idle.isEmpty() && open.size() + opening >= connectionLimit && !ended) {
                awaitChange();
            }
            if (ended) {
                throw new ClosedChannelException();
            }
            NbdConnection connection = idle.poll();
            if (connection != null) {
                return connection;
            }
            opening++;
        }
        return openAnother();
    }

    private void awaitChange() throws InterruptedIOException {
        try {
            lock.wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for a connection");
        }
    }

    private NbdConnection openAnother() throws IOException {
        NbdConnection connection = null;
        try {
            connection = NbdConnection.open(socketPath, exportName);
        } finally {
            synchronized (lock) {
                opening--;
                if (connection != null && !ended) {
                    open.add(connection);
                }
                lock.notifyAll();
            }
        }
        synchronized (lock) {
            if (!ended) {
                return connection;
            }
        }
        connection.close();
        throw new ClosedChannelException();
    }

    private void giveBack(NbdConnection connection) {
        if (connection.broken()) {
            close();
            return;
        }
        synchronized (lock) {
            if (!ended) {
                idle.push(connection);
            }
            lock.notifyAll();
        }
    }
}
