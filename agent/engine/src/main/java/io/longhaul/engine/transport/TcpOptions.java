package io.longhaul.engine.transport;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Options of TCP sockets that Linux has and Java has no name for (tcp(7)). Java's own method for options by number is used,
 * which a program may call if it opens {@code java.base/sun.nio.ch}, as the agent's manifest does. Where that or the option
 * is missing, connections work as they would without, and it is said once. Idempotent; never fails; thread safe.
 */
final class TcpOptions {
    /** At 1 Gbit/s over eight connections 8 ms of work; the kernel asks for more when half of it is sent. */
    static final int UNSENT_BYTES = 128 * 1024;
    /** Nearby, where what counts is how often a writer is woken: at 1 Gbit/s over two connections 8 ms of work. */
    static final int UNSENT_NEARBY_BYTES = 512 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(TcpOptions.class);
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_CONGESTION = 13;
    private static final int TCP_NOTSENT_LOWAT = 25;
    /** The kernel wants the name's bytes, and a zero behind them makes four: as many as an int has. */
    private static final int BBR = asInt("bbr\0");
    /** Part of every kernel; the zero that its name has no room for the kernel adds itself. */
    private static final int RENO = asInt("reno");

    private static final AtomicBoolean UNSENT_MISSED = new AtomicBoolean();
    private static final AtomicBoolean BBR_MISSED = new AtomicBoolean();
    private static final AtomicBoolean RENO_MISSED = new AtomicBoolean();
    private static final TcpOptions OF_THIS_JAVA = find();

    private final @Nullable Method descriptor;
    private final @Nullable Method setOption;
    private final String whyNot;

    private TcpOptions(@Nullable Method descriptor, @Nullable Method setOption, String whyNot) {
        this.descriptor = descriptor;
        this.setOption = setOption;
        this.whyNot = whyNot;
    }

    /**
     * Keeps small what the kernel takes from a writer and has not sent. Without this a connection takes up to 4 MiB ahead of
     * what the way carries, and one that loss has made slow keeps an ordered stream waiting for seconds beside idle ones.
     * With it, frames stay with us until a connection can send them, so the fastest takes most, and a slow one holds up its
     * frame in hand at most. Measured at 100 ms with 1 % lost: moves of 5.1 to 5.8 s instead of 9.6 (docs/benchmarks).
     */
    static void limitUnsent(SocketChannel channel, int bytes) {
        setOrSay(
                channel,
                TCP_NOTSENT_LOWAT,
                bytes,
                UNSENT_MISSED,
                "Connections take up to 4 MiB ahead of what the network carries, so moves over one that loses packets take"
                        + " longer: {}");
    }

    /** {@link CongestionControl#BBR}. */
    static void useBbr(SocketChannel channel) {
        setOrSay(
                channel,
                TCP_CONGESTION,
                BBR,
                BBR_MISSED,
                "Connections go by this system's congestion control, not by bbr, so moves over a link that loses packets may"
                        + " take long: {} (the kernel's tcp_bbr must be loaded and allowed)");
    }

    /**
     * {@link CongestionControl#BBR} over a link so short that a loss is made up for soon: BBR lets go of its packets by a
     * timer, which takes the processor more time than the packets do (docs/benchmarks).
     */
    static void useReno(SocketChannel channel) {
        setOrSay(channel, TCP_CONGESTION, RENO, RENO_MISSED, "Connections nearby go by bbr too: {}");
    }

    /** A name of four bytes as the number that the kernel reads as these. */
    static int asInt(String fourBytes) {
        return ByteBuffer.wrap(fourBytes.getBytes(StandardCharsets.US_ASCII))
                .order(ByteOrder.nativeOrder())
                .getInt();
    }

    /** @param said whether the words were logged before; their blank is for the reason */
    private static void setOrSay(SocketChannel channel, int option, int value, AtomicBoolean said, String words) {
        try {
            OF_THIS_JAVA.set(channel, option, value);
        } catch (IOException missing) {
            if (channel.isOpen() && !said.getAndSet(true)) {
                LOG.warn(words, Sockets.reasonOf(missing));
            }
        }
    }

    private static TcpOptions find() {
        if (!System.getProperty("os.name", "").equals("Linux")) {
            return new TcpOptions(null, null, "this system is not Linux");
        }
        try {
            Method descriptor = Class.forName("sun.nio.ch.SelChImpl").getMethod("getFD");
            Method setOption = Class.forName("sun.nio.ch.Net")
                    .getDeclaredMethod(
                            "setIntOption0",
                            descriptor.getReturnType(),
                            boolean.class,
                            int.class,
                            int.class,
                            int.class,
                            boolean.class);
            if (descriptor.trySetAccessible() && setOption.trySetAccessible()) {
                return new TcpOptions(descriptor, setOption, "");
            }
            return new TcpOptions(
                    null, null, "start it with `java -jar`, or with --add-opens java.base/sun.nio.ch=ALL-UNNAMED");
        } catch (ReflectiveOperationException other) {
            return new TcpOptions(null, null, "this Java has no " + other.getMessage());
        }
    }

    private void set(SocketChannel channel, int option, int value) throws IOException {
        if (descriptor == null || setOption == null) {
            throw new IOException(whyNot);
        }
        try {
            Object file = descriptor.invoke(channel);
            Object unused = setOption.invoke(null, file, false, IPPROTO_TCP, option, value, false);
        } catch (InvocationTargetException refused) {
            throw new IOException(refused.getCause());
        } catch (IllegalAccessException | IllegalArgumentException other) {
            throw new IOException(other);
        }
    }
}
