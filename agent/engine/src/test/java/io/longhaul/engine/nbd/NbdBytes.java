package io.longhaul.engine.nbd;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;

/** One side's half of a conversation, byte by byte. Owned by the test's thread. */
final class NbdBytes {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** A channel whose peer has said all of this and leaves. */
    static NbdChannel channel(byte[] said, DiscardedOutput output) {
        return new NbdChannel(Channels.newChannel(new ByteArrayInputStream(said)), output);
    }

    byte[] toByteArray() {
        return bytes.toByteArray();
    }

    NbdBytes raw(byte[] more) {
        bytes.writeBytes(more);
        return this;
    }

    NbdBytes raw(int count, int value) {
        byte[] more = new byte[count];
        java.util.Arrays.fill(more, (byte) value);
        return raw(more);
    }

    private NbdBytes put(ByteBuffer more) {
        return raw(more.array());
    }

    // ---- a client's

    static NbdBytes client(int handshakeFlags) {
        return new NbdBytes().put(ByteBuffer.allocate(4).putInt(handshakeFlags));
    }

    NbdBytes option(int option, byte[] data) {
        return option(option, data.length).raw(data);
    }

    NbdBytes option(int option, int length) {
        return put(ByteBuffer.allocate(16)
                .putLong(NbdProtocol.OPTION_MAGIC)
                .putInt(option)
                .putInt(length));
    }

    NbdBytes go(String name) {
        return option(NbdProtocol.OPTION_GO, named(name));
    }

    static byte[] named(String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(4 + text.length + 2)
                .putInt(text.length)
                .put(text)
                .array();
    }

    NbdBytes request(int flags, int command, long offset, long length) {
        return put(ByteBuffer.allocate(28)
                .putInt(NbdProtocol.REQUEST_MAGIC)
                .putShort((short) flags)
                .putShort((short) command)
                .putLong(bytes.size())
                .putLong(offset)
                .putInt((int) length));
    }

    // ---- a server's

    static NbdBytes server(int handshakeFlags) {
        return new NbdBytes()
                .put(ByteBuffer.allocate(18)
                        .putLong(NbdProtocol.GREETING_MAGIC)
                        .putLong(NbdProtocol.OPTION_MAGIC)
                        .putShort((short) handshakeFlags));
    }

    NbdBytes optionReply(int option, int type, byte[] data) {
        return put(ByteBuffer.allocate(20)
                        .putLong(NbdProtocol.OPTION_REPLY_MAGIC)
                        .putInt(option)
                        .putInt(type)
                        .putInt(data.length))
                .raw(data);
    }

    /** Agrees to structured replies and base:allocation as number 9, and describes a disk. */
    static NbdBytes agreeingServer(long sizeBytes) {
        byte[] context = "....base:allocation".getBytes(StandardCharsets.UTF_8);
        ByteBuffer.wrap(context).putInt(9);
        byte[] about = ByteBuffer.allocate(12)
                .putShort((short) NbdProtocol.INFO_EXPORT)
                .putLong(sizeBytes)
                .putShort((short) (NbdProtocol.EXPORT_HAS_FLAGS | NbdProtocol.EXPORT_SEND_FLUSH))
                .array();
        return server(3)
                .optionReply(NbdProtocol.OPTION_STRUCTURED_REPLY, NbdProtocol.REPLY_ACK, new byte[0])
                .optionReply(NbdProtocol.OPTION_SET_META_CONTEXT, NbdProtocol.REPLY_META_CONTEXT, context)
                .optionReply(NbdProtocol.OPTION_SET_META_CONTEXT, NbdProtocol.REPLY_ACK, new byte[0])
                .optionReply(NbdProtocol.OPTION_GO, NbdProtocol.REPLY_INFO, about)
                .optionReply(NbdProtocol.OPTION_GO, NbdProtocol.REPLY_ACK, new byte[0]);
    }

    NbdBytes simpleReply(int error, long cookie) {
        return put(ByteBuffer.allocate(16)
                .putInt(NbdProtocol.SIMPLE_REPLY_MAGIC)
                .putInt(error)
                .putLong(cookie));
    }

    NbdBytes chunk(int flags, int type, long cookie, byte[] payload) {
        return put(ByteBuffer.allocate(20)
                        .putInt(NbdProtocol.CHUNK_MAGIC)
                        .putShort((short) flags)
                        .putShort((short) type)
                        .putLong(cookie)
                        .putInt(payload.length))
                .raw(payload);
    }

    NbdBytes dataChunk(int flags, long cookie, long offset, int length, int value) {
        byte[] payload = new byte[8 + length];
        java.util.Arrays.fill(payload, (byte) value);
        ByteBuffer.wrap(payload).putLong(offset);
        return chunk(flags, NbdProtocol.CHUNK_OFFSET_DATA, cookie, payload);
    }

    NbdBytes holeChunk(int flags, long cookie, long offset, int length) {
        return chunk(
                flags,
                NbdProtocol.CHUNK_OFFSET_HOLE,
                cookie,
                ByteBuffer.allocate(12).putLong(offset).putInt(length).array());
    }
}
