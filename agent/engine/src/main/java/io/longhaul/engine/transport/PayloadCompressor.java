package io.longhaul.engine.transport;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.longhaul.engine.support.Ticker;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Compresses payloads for one connection where the policy says so. Owned by the connection's writing thread. Holds two
 * buffers of one payload each, and zstd's own some 2 MiB, from the first sample on.
 */
final class PayloadCompressor implements AutoCloseable {
    private static final int LENGTH_BYTES = 4;

    private final CompressionPolicy policy;
    private final TransportCounters counters;
    private final LinkCounters link;
    private final Ticker ticker;
    private @Nullable ZstdCompressCtx context;
    private ByteBuffer staging = ByteBuffer.allocate(0);
    private ByteBuffer packed = ByteBuffer.allocate(0);
    private int samplePlace;
    private CompressionLevel contextLevel = CompressionLevel.NONE;

    PayloadCompressor(CompressionPolicy policy, TransportCounters counters, LinkCounters link, Ticker ticker) {
        this.policy = policy;
        this.counters = counters;
        this.link = link;
        this.ticker = ticker;
    }

    /** @return what to send instead, valid until the next call; null where the payload is to go as it is */
    @Nullable
    ByteBuffer pack(int stream, ByteBuffer payload) {
        int bytes = payload.remaining();
        CompressionPolicy.Choice choice = policy.choose(stream, bytes, ticker.nanos());
        CompressionLevel level = choice.level();
        if (choice.sample() != CompressionLevel.NONE
                && sample(stream, choice.sample(), payload)
                && level == CompressionLevel.NONE) {
            level = CompressionLevel.FASTEST;
        }
        if (level == CompressionLevel.NONE) {
            return null;
        }
        long start = ticker.nanos();
        int compressedBytes = compress(level, payload, payload.position(), bytes);
        long nanos = ticker.nanos() - start;
        if (!policy.compressed(stream, level, bytes, compressedBytes, nanos)) {
            return null;
        }
        counters.onCompressedFrame();
        link.onCompressed(bytes, bytes - LENGTH_BYTES - compressedBytes);
        packed.clear().putInt(bytes);
        return packed.position(0).limit(LENGTH_BYTES + compressedBytes);
    }

    @Override
    public void close() {
        ZstdCompressCtx used = context;
        context = null;
        if (used != null) {
            used.close();
        }
    }

    private boolean sample(int stream, CompressionLevel level, ByteBuffer payload) {
        int bytes = Math.min(payload.remaining(), CompressionPolicy.SAMPLE_BYTES);
        // From another place each time: the beginning of a frame need not be like the rest.
        int spare = payload.remaining() - bytes;
        samplePlace = (samplePlace + CompressionPolicy.SAMPLE_BYTES) % (spare + 1);
        long start = ticker.nanos();
        int compressedBytes = compress(level, payload, payload.position() + samplePlace, bytes);
        return policy.sampled(stream, level, bytes, compressedBytes, ticker.nanos() - start);
    }

    private int compress(CompressionLevel level, ByteBuffer payload, int from, int bytes) {
        ByteBuffer source = payload;
        int start = from;
        if (!payload.isDirect()) {
            staging = atLeast(staging, bytes);
            staging.clear().put(0, payload, from, bytes);
            source = staging;
            start = 0;
        }
        int most = Math.toIntExact(Zstd.compressBound(bytes));
        packed = atLeast(packed, LENGTH_BYTES + most).clear();
        return context(level).compressDirectByteBuffer(packed, LENGTH_BYTES, most, source, start, bytes);
    }

    private ZstdCompressCtx context(CompressionLevel level) {
        ZstdCompressCtx used = context;
        if (used == null) {
            used = new ZstdCompressCtx();
            context = used;
        }
        if (contextLevel != level) {
            used.setLevel(level.zstdLevel());
            contextLevel = level;
        }
        return used;
    }

    private static ByteBuffer atLeast(ByteBuffer buffer, int bytes) {
        return buffer.capacity() >= bytes ? buffer : ByteBuffer.allocateDirect(bytes);
    }
}
