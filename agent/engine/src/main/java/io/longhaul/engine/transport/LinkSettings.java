package io.longhaul.engine.transport;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * How a link behaves. Immutable.
 *
 * @param connections the most TCP connections that carry streams; how many there are follows the distance, see
 *     {@link ConnectionNeed}. One more carries what is small and urgent (acknowledgements, heartbeats, the control
 *     stream), which would otherwise stand behind megabytes that are on the way
 * @param windows what this side is ready to hold for the peer, and the most it has on the way to it
 * @param heartbeat how often the round trip is measured, and the longest a connection stays without a byte
 * @param peerTimeout a connection that was silent for so long, and for four round trips, is lost
 * @param handshakeTimeout of one connection, from TCP's opening until both sides are proven
 * @param linkTimeout from the first connection to the finished link, however many tries it takes
 * @param patience how long an outage may last before the link ends; may be changed on the link
 * @param compression whether frames are compressed where it pays; those of the peer are always read
 * @param congestion how connections find out how fast they may send
 * @param localAddresses where connections start, each from the next; empty for the system to choose
 */
public record LinkSettings(
        int connections,
        Windows windows,
        Duration heartbeat,
        Duration peerTimeout,
        Duration handshakeTimeout,
        Duration linkTimeout,
        Duration patience,
        boolean compression,
        CongestionControl congestion,
        List<InetAddress> localAddresses) {

    static final int CONNECTIONS_LIMIT = 64;

    public LinkSettings {
        if (connections < 1 || connections > CONNECTIONS_LIMIT) {
            throw new IllegalArgumentException("1 to " + CONNECTIONS_LIMIT + " connections, not " + connections);
        }
        if (heartbeat.isNegative() || heartbeat.isZero()) {
            throw new IllegalArgumentException("heartbeat must be positive, not " + heartbeat);
        }
        if (peerTimeout.compareTo(heartbeat.multipliedBy(3)) < 0) {
            throw new IllegalArgumentException("peerTimeout " + peerTimeout + " must be at least three heartbeats of "
                    + heartbeat + ", or one lost packet looks like a dead peer");
        }
        if (handshakeTimeout.isNegative() || handshakeTimeout.isZero()) {
            throw new IllegalArgumentException("handshakeTimeout must be positive, not " + handshakeTimeout);
        }
        if (linkTimeout.compareTo(handshakeTimeout) < 0) {
            throw new IllegalArgumentException("linkTimeout " + linkTimeout
                    + " must be at least the handshakeTimeout of " + handshakeTimeout + ", or one try takes it all");
        }
        if (patience.isNegative()) {
            throw new IllegalArgumentException("patience must be zero or more, not " + patience);
        }
        localAddresses = List.copyOf(localAddresses);
    }

    /** Sixteen connections carry 1 Gbit/s over 280 ms; nearer there are fewer. */
    public static LinkSettings defaults() {
        return new LinkSettings(
                16,
                Windows.defaults(),
                Duration.ofSeconds(1),
                Duration.ofSeconds(3),
                Duration.ofSeconds(10),
                Duration.ofMinutes(1),
                Duration.ofMinutes(10),
                true,
                CongestionControl.BBR,
                List.of());
    }

    public LinkSettings withConnections(int count) {
        return with(changed -> changed.connections = count);
    }

    public LinkSettings withWindows(Windows other) {
        return with(changed -> changed.windows = other);
    }

    public LinkSettings withHeartbeat(Duration interval, Duration timeout) {
        return with(changed -> {
            changed.heartbeat = interval;
            changed.peerTimeout = timeout;
        });
    }

    public LinkSettings withHandshakeTimeout(Duration timeout) {
        return with(changed -> changed.handshakeTimeout = timeout);
    }

    public LinkSettings withLinkTimeout(Duration timeout) {
        return with(changed -> changed.linkTimeout = timeout);
    }

    public LinkSettings withPatience(Duration longest) {
        return with(changed -> changed.patience = longest);
    }

    public LinkSettings withCompression(boolean wanted) {
        return with(changed -> changed.compression = wanted);
    }

    public LinkSettings withCongestion(CongestionControl control) {
        return with(changed -> changed.congestion = control);
    }

    public LinkSettings withLocalAddresses(List<InetAddress> addresses) {
        return with(changed -> changed.localAddresses = addresses);
    }

    private LinkSettings with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.settings();
    }

    /** The one place that copies every component. */
    private static final class Draft {
        private int connections;
        private Windows windows;
        private Duration heartbeat;
        private Duration peerTimeout;
        private Duration handshakeTimeout;
        private Duration linkTimeout;
        private Duration patience;
        private boolean compression;
        private CongestionControl congestion;
        private List<InetAddress> localAddresses;

        Draft(LinkSettings from) {
            connections = from.connections;
            windows = from.windows;
            heartbeat = from.heartbeat;
            peerTimeout = from.peerTimeout;
            handshakeTimeout = from.handshakeTimeout;
            linkTimeout = from.linkTimeout;
            patience = from.patience;
            compression = from.compression;
            congestion = from.congestion;
            localAddresses = from.localAddresses;
        }

        LinkSettings settings() {
            return new LinkSettings(
                    connections,
                    windows,
                    heartbeat,
                    peerTimeout,
                    handshakeTimeout,
                    linkTimeout,
                    patience,
                    compression,
                    congestion,
                    localAddresses);
        }
    }

    /**
     * The most that may be sent and not acknowledged, headers included. A round trip of 200 ms at 1 Gbit/s holds 25 MB.
     * 32 MiB leave 8 MB for the time a receiver holds a frame before it is consumed; the disks' 48 leave 12 more for
     * their frames, of up to a MiB, that are there in part on each of twelve connections. On shorter ways less is sent
     * ahead: see {@link FlowLimit}.
     *
     * @param controlBytes of stream 0 and of stream 2, each: decisions and small reports, so little more than one frame
     *     of the largest size
     * @param memoryBytes of stream 1
     * @param diskBytes of all other streams together, each getting an equal share: a machine with many disks needs no
     *     more memory than one with few, and a slow disk cannot take another's share
     * @param frames per stream, from the oldest one not acknowledged to the newest
     */
    public record Windows(int controlBytes, int memoryBytes, int diskBytes, int frames) {
        private static final int FRAMES_LIMIT = 1 << 20;
        private static final int BYTES_LIMIT = 1 << 30;

        public Windows {
            int least = Math.min(controlBytes, Math.min(memoryBytes, diskBytes));
            int most = Math.max(controlBytes, Math.max(memoryBytes, diskBytes));
            if (least < FrameCodec.LARGEST_FRAME_BYTES || most > BYTES_LIMIT) {
                throw new IllegalArgumentException("a window must hold one frame of the largest size, "
                        + FrameCodec.LARGEST_FRAME_BYTES + " bytes, and at most " + BYTES_LIMIT + ": "
                        + controlBytes + ", " + memoryBytes + ", " + diskBytes);
            }
            if (frames < 1 || frames > FRAMES_LIMIT) {
                throw new IllegalArgumentException("1 to " + FRAMES_LIMIT + " frames in a window, not " + frames);
            }
        }

        public static Windows defaults() {
            return new Windows(2 << 20, 32 << 20, 48 << 20, 8192);
        }

        Windows smaller(Windows other) {
            return new Windows(
                    Math.min(controlBytes, other.controlBytes),
                    Math.min(memoryBytes, other.memoryBytes),
                    Math.min(diskBytes, other.diskBytes),
                    Math.min(frames, other.frames));
        }
    }
}
