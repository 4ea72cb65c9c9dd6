package io.longhaul.engine.transport;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;

/** Undoes the compression of payloads. Stateless. Never makes more than it was told. */
final class PayloadExpander {
    private PayloadExpander() {}

    /**
     * @param payload in an array: the length before compression, and a zstd frame
     * @param buffers what the expanded payload is taken from
     */
    static ByteBuffer expand(ByteBuffer payload, PayloadBuffers buffers) throws WireViolationException {
        int length = payload.getInt();
        if (length < 1 || length > Frame.PAYLOAD_LIMIT_BYTES) {
            throw new WireViolationException(
                    "a compressed payload claims " + length + " bytes of at most " + Frame.PAYLOAD_LIMIT_BYTES);
        }
        ByteBuffer expanded = buffers.take(length);
        int start = payload.arrayOffset() + payload.position();
        long written;
        try {
            written =
                    Zstd.decompressByteArray(expanded.array(), 0, length, payload.array(), start, payload.remaining());
        } catch (ZstdException damaged) {
            throw new WireViolationException("a compressed payload does not expand: " + damaged.getMessage());
        }
        if (Zstd.isError(written) || written != length) {
            throw new WireViolationException("a compressed payload of " + length + " bytes expands to "
                    + (Zstd.isError(written) ? Zstd.getErrorName(written) : Long.toString(written)));
        }
        return expanded;
    }
}
