package io.longhaul.engine.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Stands between two agents, and cuts, damages, holds and records connections when told. Thread safe. */
final class FaultyProxy implements AutoCloseable {
    /** Longer than what a handshake writes at once. */
    private static final int DAMAGED_LEAST_BYTES = 500;

    private final ServerSocket server;
    private volatile InetSocketAddress destination;
    private final List<Passing> passing = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger toDamage = new AtomicInteger();
    private final AtomicInteger toPass = new AtomicInteger(Integer.MAX_VALUE);
    private final AtomicInteger accepted = new AtomicInteger();
    private volatile boolean holding;
    private volatile boolean refusing;

    FaultyProxy(InetSocketAddress destination) throws IOException {
        this.destination = destination;
        this.server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
    }

    /** Cuts the connection that has carried the most to the destination without a word, on both sides. */
    void cutBusiest() throws IOException {
        busiest().close();
    }

    /** Cuts every connection, and each new one, until told otherwise. */
    void cutAll() throws IOException {
        refusing = true;
        for (Passing pair : passing) {
            pair.close();
        }
    }

    /** Takes new connections after the next so many, and lets nothing through them, until told otherwise. */
    void swallowNewAfter(int passing) {
        toPass.set(passing);
    }

    /** Lets new connections through again. */
    void restore() {
        refusing = false;
        toPass.set(Integer.MAX_VALUE);
    }

    /** How many connections there were, those that were cut at once too. */
    int accepted() {
        return accepted.get();
    }

    /** New connections go there from now on. */
    void redirect(InetSocketAddress other) {
        destination = other;
    }

    /** Keeps the connection that has carried the most open and lets nothing through it any more, either way. */
    void swallowBusiest() {
        busiest().swallowing.set(true);
    }

    /** How many connections have carried so much to the destination. */
    long carried(long atLeastBytes) {
        return passing.stream().filter(pair -> pair.bytes.sum() >= atLeastBytes).count();
    }

    /** Flips a bit in each of the next so many pieces of some length that go to the destination. */
    void damage(int pieces) {
        toDamage.set(pieces);
    }

    /** Lets nothing through from now on, and keeps the connections open. */
    void hold() {
        holding = true;
    }

    /** What connectors have sent to prove themselves, on each connection where they have: HELLO and PROOF. */
    List<byte[]> handshakes() {
        List<byte[]> handshakes = new ArrayList<>();
        for (Passing pair : passing) {
            byte[] sent = pair.recorded.toByteArray();
            if (sent.length > Handshake.HELLO_PREFIX_BYTES) {
                int hello = Handshake.HELLO_PREFIX_BYTES + ByteBuffer.wrap(sent).getShort(6);
                handshakes.add(Arrays.copyOf(sent, hello + Handshake.PROOF_BYTES));
            }
        }
        return handshakes;
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
                accepted.incrementAndGet();
                if (refusing) {
                    near.close();
                    continue;
                }
                Socket far = new Socket(destination.getAddress(), destination.getPort());
                boolean swallowed = toPass.getAndDecrement() <= 0;
                Passing pair = new Passing(
                        near, far, new ByteArrayOutputStream(), new LongAdder(), new AtomicBoolean(swallowed));
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
                    pair.bytes.add(count);
                    if (count > DAMAGED_LEAST_BYTES && toDamage.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                        bytes[count - 1] ^= 1;
                    }
                }
                if (!pair.swallowing.get()) {
                    out.write(bytes, 0, count);
                }
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

    private Passing busiest() {
        return passing.stream()
                .filter(pair -> !pair.near.isClosed())
                .max(Comparator.comparingLong(pair -> pair.bytes.sum()))
                .orElseThrow();
    }

    private record Passing(
            Socket near, Socket far, ByteArrayOutputStream recorded, LongAdder bytes, AtomicBoolean swallowing) {
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
