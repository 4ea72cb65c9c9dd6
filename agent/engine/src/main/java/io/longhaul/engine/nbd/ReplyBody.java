package io.longhaul.engine.nbd;

import java.io.IOException;

/** What follows a reply's header, for one kind of request. Owned by the connection's caller. */
interface ReplyBody {
    /** For requests whose reply has no body. */
    ReplyBody NONE = new ReplyBody() {};

    /** The body of a simple reply, which only a read has. */
    default void simpleData(NbdChannel channel) throws IOException {}

    /** One chunk of a structured reply, errors excepted; must read exactly its length. */
    default void chunk(NbdChannel channel, int type, int length) throws IOException {
        if (type != NbdProtocol.CHUNK_NONE || length != 0) {
            throw new NbdViolationException("the NBD server sent a chunk of type " + type + " that was not asked for");
        }
    }

    /** All chunks of a reply without error have come. */
    default void complete() throws IOException {}
}
