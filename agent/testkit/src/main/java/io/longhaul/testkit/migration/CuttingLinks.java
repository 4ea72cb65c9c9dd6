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

/** Links that are lost at the moment a control message of one kind is to be sent; the message is lost with them. */
final class CuttingLinks implements Links {
    private final Links links;
    private final int lostKind;

    CuttingLinks(Links links, int lostKind) {
        this.links = links;
        this.lostKind = lostKind;
    }

    @Override
    public InetSocketAddress address() {
        return links.address();
    }

    @Override
    public Link connect(InetSocketAddress destination, String migrationId, long epoch, ExpectedPeer peer)
            throws LinkException, InterruptedException {
        return new CuttingLink(links.connect(destination, migrationId, epoch, peer));
    }

    @Override
    public void expect(String migrationId, long epoch, ExpectedPeer peer, Consumer<Link> onLink) {
        links.expect(migrationId, epoch, peer, link -> onLink.accept(new CuttingLink(link)));
    }

    @Override
    public void cancel(String migrationId) {
        links.cancel(migrationId);
    }

    @Override
    public void close() {
        links.close();
    }

    private final class CuttingLink implements Link {
        private final Link link;

        CuttingLink(Link link) {
            this.link = link;
        }

        @Override
        public StreamSender sender(StreamId stream) {
            StreamSender sender = link.sender(stream);
            return stream.equals(StreamId.CONTROL) ? new CuttingSender(link, sender) : sender;
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

    private final class CuttingSender implements StreamSender {
        private final Link link;
        private final StreamSender sender;

        CuttingSender(Link link, StreamSender sender) {
            this.link = link;
            this.sender = sender;
        }

        @Override
        public long send(Frame frame) throws LinkException, InterruptedException {
            return sender.send(frame);
        }

        @Override
        public OptionalLong trySend(Frame frame) {
            if (frame.kind() == lostKind) {
                link.close();
                return OptionalLong.empty();
            }
            return sender.trySend(frame);
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
