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
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Links that do something else than they are told, or whose streams do. Thread safe where what alters them is. */
abstract class AlteredLinks implements Links {
    private final Links links;

    AlteredLinks(Links links) {
        this.links = links;
    }

    /** @return what is to be used in the sender's place, or the sender itself */
    StreamSender altered(Link link, Link.StreamId stream, StreamSender sender) {
        return sender;
    }

    @Override
    public InetSocketAddress address() {
        return links.address();
    }

    @Override
    public Link connect(
            InetSocketAddress destination, String migrationId, long epoch, ExpectedPeer peer, BooleanSupplier wanted)
            throws LinkException, InterruptedException {
        return new AlteredLink(links.connect(destination, migrationId, epoch, peer, wanted));
    }

    @Override
    public void expect(String migrationId, long epoch, ExpectedPeer peer, Consumer<Link> onLink) {
        links.expect(migrationId, epoch, peer, link -> onLink.accept(new AlteredLink(link)));
    }

    @Override
    public void cancel(String migrationId) {
        links.cancel(migrationId);
    }

    @Override
    public void close() {
        links.close();
    }

    private final class AlteredLink implements Link {
        private final Link link;

        AlteredLink(Link link) {
            this.link = link;
        }

        @Override
        public StreamSender sender(StreamId stream) {
            return altered(link, stream, link.sender(stream));
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

    /** Does what it is told; to be overridden where it should not. */
    static class Forwarding implements StreamSender {
        private final StreamSender sender;

        Forwarding(StreamSender sender) {
            this.sender = sender;
        }

        @Override
        public long send(Frame frame) throws LinkException, InterruptedException {
            return sender.send(frame);
        }

        @Override
        public OptionalLong trySend(Frame frame) {
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
