package io.longhaul.engine.hypervisor;

import java.nio.ByteBuffer;

/**
 * Takes the guest's writes while they happen. Called by the hypervisor's mirror threads while the guest waits: returns
 * at once, never blocks on the network, never throws.
 */
public interface MirrorSink {

    /** The disk here now holds these bytes at this offset. The buffer is only valid during the call. */
    void written(long offset, ByteBuffer data);

    /** The disk here now reads as zeros in this range. */
    void zeroed(long offset, long lengthBytes);

    /** The disk here may now read as anything in this range: who needs it must read it. */
    void discarded(long offset, long lengthBytes);
}
