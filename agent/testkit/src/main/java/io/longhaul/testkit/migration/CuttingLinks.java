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

/** Links to which something can be done at the moment a control message is to be sent. */
final class CuttingLinks implements Links {
    private final Links links;
    private final Cut cut;

    /** What is done to the link before a message would be sent. */
    interface Cut {
        /**
         * @param kind of the message
         * @return whether the message is lost with it, rather than left to the link
         */
        boolean cut(int kind, Link link);
    }

    CuttingLinks(Links links, Cut cut) {
        this.links = links;
        this.cut = cut;
    }

    /** Links that end for good with such a message. */
    static CuttingLinks closing(Links links, int kind) {
        return new CuttingLinks(links, (each, link) -> {
            if (each == kind) {
                link.close();
            }
            return each == kind;
        });
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
            if (cut.cut(frame.kind(), link)) {
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
