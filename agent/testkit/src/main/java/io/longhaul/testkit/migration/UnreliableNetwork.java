package io.longhaul.testkit.migration;

import io.longhaul.engine.session.ExpectedPeer;
import io.longhaul.engine.session.Links;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.LinkException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * What the source's links go through: real TCP, until it is cut. Then every connection breaks, and each new one is refused
 * until so many have been. Thread safe.
 */
final class UnreliableNetwork implements Links {
    /** Refuses for ever. */
    static final int FOR_EVER = Integer.MAX_VALUE;

    private static final int PIECE_BYTES = 4096;

    private final Links links;
    private final ServerSocket server;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicInteger toRefuse = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicLong carriedBytes = new AtomicLong();
    private volatile long cutAtBytes = Long.MAX_VALUE;
    private volatile int refusalsOfCut;
    private volatile InetSocketAddress destination;

    /** @param links the source's own */
    UnreliableNetwork(Links links) {
        this.links = links;
        this.destination = links.address();
        try {
            server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    /** Now. */
    void cut(int refusals) {
        toRefuse.set(refusals);
        cutAtBytes = Long.MAX_VALUE;
        sockets.forEach(UnreliableNetwork::closeQuietly);
        sockets.clear();
    }

    /** When so many bytes more have gone to the destination. */
    void cutAfter(long bytes, int refusals) {
        refusalsOfCut = refusals;
        cutAtBytes = carriedBytes.get() + bytes;
    }

    /** How many connections found nobody. */
    int refused() {
        return refused.get();
    }

    @Override
    public InetSocketAddress address() {
        return links.address();
    }

    @Override
    public Link connect(InetSocketAddress to, String migrationId, long epoch, ExpectedPeer peer, BooleanSupplier wanted)
            throws LinkException, InterruptedException {
        destination = to;
        InetSocketAddress here = new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
        return links.connect(here, migrationId, epoch, peer, wanted);
    }

    @Override
    public void expect(String migrationId, long epoch, ExpectedPeer peer, Consumer<Link> onLink) {
        links.expect(migrationId, epoch, peer, onLink);
    }

    @Override
    public void cancel(String migrationId) {
        links.cancel(migrationId);
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sockets.forEach(UnreliableNetwork::closeQuietly);
        links.close();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket near = server.accept();
                if (toRefuse.getAndUpdate(left -> left == FOR_EVER ? left : Math.max(0, left - 1)) > 0) {
                    refused.incrementAndGet();
                    near.close();
                } else {
                    forward(near);
                }
            } catch (IOException e) {
                // The destination is gone, or this network: whoever connects finds nobody.
                refused.incrementAndGet();
            }
        }
    }

    private void forward(Socket near) throws IOException {
        Socket far = new Socket(destination.getAddress(), destination.getPort());
        sockets.add(near);
        sockets.add(far);
        start(() -> carry(near, far, carriedBytes));
        start(() -> carry(far, near, new AtomicLong()));
    }

    private void carry(Socket from, Socket to, AtomicLong counted) {
        byte[] bytes = new byte[PIECE_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int count = in.read(bytes);
            while (count >= 0) {
                if (counted.addAndGet(count) >= cutAtBytes) {
                    cut(refusalsOfCut);
                }
                out.write(bytes, 0, count);
                count = in.read(bytes);
            }
            to.shutdownOutput();
        } catch (IOException cut) {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException("closing a socket", e);
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "unreliable-network");
        thread.setDaemon(true);
        thread.start();
    }
}
