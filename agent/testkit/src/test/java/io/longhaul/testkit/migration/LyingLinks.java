package io.longhaul.testkit.migration;

import io.longhaul.engine.session.Links;
import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.LinkException;
import io.longhaul.engine.transport.StreamSender;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/** Links that send other frames than they were given. Thread safe. */
final class LyingLinks extends AlteredLinks {
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
        super(links);
        this.lie = lie;
    }

    @Override
    StreamSender altered(Link link, Link.StreamId stream, StreamSender sender) {
        return new Forwarding(sender) {
            @Override
            public long send(Frame frame) throws LinkException, InterruptedException {
                return super.send(lie.insteadOf(stream, frame));
            }

            @Override
            public OptionalLong trySend(Frame frame) {
                return super.trySend(lie.insteadOf(stream, frame));
            }
        };
    }
}
