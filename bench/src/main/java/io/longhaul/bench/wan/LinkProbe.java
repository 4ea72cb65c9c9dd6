package io.longhaul.bench.wan;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A program for each end of a link, to see what TCP gets over it. The server's first line of output is "listening"; the
 * client prints the median round trip in milliseconds and the rate in Mbit/s.
 */
public final class LinkProbe {
    private static final int PORT = 10_811;
    private static final int ROUND_TRIPS = 21;

    /** The kernel gives each at most 4 MiB of send buffer; four carry no more than 840 Mbit/s at 100 ms. */
    private static final int CONNECTIONS = 8;

    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int PACE_BYTE = 'e';
    private static final int FLOOD_BYTE = 'f';
    private static final long RAMP_MILLIS = 2_500;
    private static final long SPAN_MILLIS = 3_000;

    private LinkProbe() {}

    /** {@code server ADDRESS} or {@code client ADDRESS}. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments[0].equals("server")) {
            serve(InetAddress.getByName(arguments[1]));
        } else {
            InetSocketAddress server = new InetSocketAddress(arguments[1], PORT);
            System.out.println(roundTripMillis(server) + " " + megabits(server));
        }
    }

    private static void serve(InetAddress address) throws IOException {
        try (ServerSocket listener = new ServerSocket(PORT, CONNECTIONS + 1, address)) {
            System.out.println("listening");
            while (true) {
                start(answer(listener.accept()));
            }
        }
    }

    private static void start(Runnable body) {
        Thread thread = new Thread(body);
        thread.setDaemon(true);
        thread.start();
    }

    /** Echoes bytes, or floods whoever asks for that. */
    private static Runnable answer(Socket socket) {
        return () -> {
            try (socket) {
                socket.setTcpNoDelay(true);
                InputStream in = socket.getInputStream();
                OutputStream out = socket.getOutputStream();
                byte[] flood = new byte[BUFFER_BYTES];
                for (int kind = in.read(); kind >= 0; kind = in.read()) {
                    while (kind == FLOOD_BYTE) {
                        out.write(flood);
                    }
                    out.write(kind);
                }
            } catch (IOException e) {
                // The client has what it wanted.
            }
        };
    }

    private static double roundTripMillis(InetSocketAddress server) throws IOException {
        try (Socket socket = new Socket(server.getAddress(), server.getPort())) {
            socket.setTcpNoDelay(true);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            double[] millis = new double[ROUND_TRIPS];
            for (int i = 0; i < ROUND_TRIPS; i++) {
                long start = System.nanoTime();
                socket.getOutputStream().write(PACE_BYTE);
                in.readByte();
                millis[i] = (System.nanoTime() - start) / 1e6;
            }
            Arrays.sort(millis);
            return millis[ROUND_TRIPS / 2];
        }
    }

    private static double megabits(InetSocketAddress server) throws IOException, InterruptedException {
        AtomicLong received = new AtomicLong();
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            Socket socket = new Socket(server.getAddress(), server.getPort());
            sockets.add(socket);
            socket.getOutputStream().write(FLOOD_BYTE);
            start(() -> drain(socket, received));
        }
        Thread.sleep(RAMP_MILLIS);
        long bytes = received.get();
        long start = System.nanoTime();
        Thread.sleep(SPAN_MILLIS);
        double bits = (received.get() - bytes) * 8.0;
        double micros = (System.nanoTime() - start) / 1e3;
        for (Socket socket : sockets) {
            socket.close();
        }
        return bits / micros;
    }

    private static void drain(Socket socket, AtomicLong received) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = socket.getInputStream()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                received.addAndGet(count);
            }
        } catch (IOException e) {
            // The measurement is over.
        }
    }
}
