package io.longhaul.testkit.migration;

import io.longhaul.engine.session.ExpectedPeer;
import io.longhaul.engine.session.Links;
import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.FrameReceiver;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.StreamSender;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;

/** Links that send other frames than they were given. Thread safe. */
final class LyingLinks implements Links {
    private final Links links;
    private final Lie lie;

    /** What is sent in a frame's place. */
    interface Lie {
        Lie NONE = (stream, frame) -> frame;

        Frame insteadOf(Link.StreamId stream, Frame frame);

        static Lie on(Link.StreamId one, UnaryOperator<Frame> change) {
            return (stream, frame) -> stream.equals(one) ? change.apply(frame) : frame;
        }
    }

    LyingLinks(Links links, Lie lie) {
        this.links = links;
        this.lie = lie;
    }

    @Override
    public InetSocketAddress address() {
        return links.address();
    }

    @Override
    public Link connect(InetSocketAddress destination, String migrationId, long epoch, ExpectedPeer peer)
            throws LinkException, InterruptedException {
        return new LyingLink(links.connect(destination, migrationId, epoch, peer));
    }

    @Override
    public void expect(String migrationId, long epoch, ExpectedPeer peer, Consumer<Link> onLink) {
        links.expect(migrationId, epoch, peer, link -> onLink.accept(new LyingLink(link)));
    }

    @Override
    public void cancel(String migrationId) {
        links.cancel(migrationId);
    }

    @Override
    public void close() {
        links.close();
    }

    private final class LyingLink implements Link {
        private final Link link;

        LyingLink(Link link) {
            this.link = link;
        }

        @Override
        public StreamSender sender(StreamId stream) {
            return new LyingSender(stream, link.sender(stream));
        }

        @Override
        public void receive(StreamId stream, FrameReceiver receiver) {
            link.receive(stream, receiver);
        }

        @Override
        public void limitRate(long bytesPerSecond) {
            link.limitRate(bytesPerSecond);
        }

        @Override
        public void patience(Duration longest) {
            link.patience(longest);
        }

        @Override
        public LinkStatistics statistics() {
            return link.statistics();
        }

        @Override
        public void onOutage(Consumer<LinkOutage> listener) {
            link.onOutage(listener);
        }

        @Override
        public void onEnd(Consumer<LinkEnd> listener) {
            link.onEnd(listener);
        }

        @Override
        public void close() {
            link.close();
        }
    }

    private final class LyingSender implements StreamSender {
        private final Link.StreamId stream;
        private final StreamSender sender;

        LyingSender(Link.StreamId stream, StreamSender sender) {
            this.stream = stream;
            this.sender = sender;
        }

        @Override
        public long send(Frame frame) throws LinkException, InterruptedException {
            return sender.send(lie.insteadOf(stream, frame));
        }

        @Override
        public OptionalLong trySend(Frame frame) {
            return sender.trySend(lie.insteadOf(stream, frame));
        }

        @Override
        public void onAcknowledged(LongConsumer listener) {
            sender.onAcknowledged(listener);
        }

        @Override
        public long unacknowledgedBytes() {
            return sender.unacknowledgedBytes();
        }

        @Override
        public void awaitAcknowledged() throws LinkException, InterruptedException {
            sender.awaitAcknowledged();
        }
    }
}
