package io.longhaul.testkit.migration;

import io.longhaul.engine.session.Links;
import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.Link;
import io.longhaul.engine.transport.StreamSender;
import java.util.OptionalLong;

/** Links to which something can be done at the moment a control message is to be sent. */
final class CuttingLinks extends AlteredLinks {
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
        super(links);
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
    StreamSender altered(Link link, Link.StreamId stream, StreamSender sender) {
        if (!stream.equals(Link.StreamId.CONTROL)) {
            return sender;
        }
        return new Forwarding(sender) {
            @Override
            public OptionalLong trySend(Frame frame) {
                return cut.cut(frame.kind(), link) ? OptionalLong.empty() : super.trySend(frame);
            }
        };
    }
}
