package io.longhaul.engine.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Stands between two agents, and cuts, damages, holds and records connections when told. Thread safe. */
final class FaultyProxy implements AutoCloseable {
    private final ServerSocket server;
    private final InetSocketAddress destination;
    private final List<Passing> passing = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean damaging;
    private volatile boolean holding;

    FaultyProxy(InetSocketAddress destination) throws IOException {
        this.destination = destination;
        this.server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
    }

    /** Cuts one connection without a word, on both sides. */
    void cut(int index) throws IOException {
        passing.get(index).close();
    }

    /** Flips a bit in what goes to the destination from now on. */
    void damage() {
        damaging = true;
    }

    /** Lets nothing through from now on, and keeps the connections open. */
    void hold() {
        holding = true;
    }

    /** What the connector has sent on a connection so far. */
    byte[] sentOn(int index) {
        return passing.get(index).recorded.toByteArray();
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        server.close();
        for (Passing pair : passing) {
            pair.close();
        }
    }

    private void accept() {
        try {
            while (!server.isClosed()) {
                Socket near = server.accept();
                Socket far = new Socket(destination.getAddress(), destination.getPort());
                Passing pair = new Passing(near, far, new ByteArrayOutputStream());
                passing.add(pair);
                start(() -> forward(near, far, pair, true));
                start(() -> forward(far, near, pair, false));
            }
        } catch (IOException end) {
            closed.countDown();
        }
    }

    private void forward(Socket from, Socket to, Passing pair, boolean towardsDestination) {
        byte[] bytes = new byte[64 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int count = in.read(bytes);
            while (count >= 0) {
                if (holding) {
                    closed.await();
                }
                if (towardsDestination) {
                    pair.recorded.write(bytes, 0, Math.min(count, 1024));
                    if (damaging) {
                        bytes[count - 1] ^= 1;
                    }
                }
                out.write(bytes, 0, count);
                count = in.read(bytes);
            }
            to.shutdownOutput();
        } catch (IOException cut) {
            pair.closeQuietly();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "faulty-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private record Passing(Socket near, Socket far, ByteArrayOutputStream recorded) {
        void close() throws IOException {
            near.close();
            far.close();
        }

        void closeQuietly() {
            try {
                close();
            } catch (IOException gone) {
                return;
            }
        }
    }
}
