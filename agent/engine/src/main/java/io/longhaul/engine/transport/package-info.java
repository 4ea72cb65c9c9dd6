/**
 * Streams of frames carried by several TCP connections between two agents: bounded, checksummed, acknowledged. Takes
 * frames from {@link io.longhaul.engine.transport.StreamSender}s, gives them to the peer's
 * {@link io.longhaul.engine.transport.FrameReceiver}s, each once.
 *
 * <pre>
 *   LinkConnector / LinkListener      the handshake: who may talk, and which connections belong together
 *          '--> Link (TcpLink)        threads, heartbeat, end
 *                 Outbox              what is to be written: windows, fair queue, acknowledgements
 *                 Inbox               what has come: windows, order, hand-over to receivers
 *                 Lane                one connection: FrameWriter, FrameReader, FrameCodec
 * </pre>
 *
 * <p>Each connection has a reading and a writing thread; the parts without threads (windows, codec, bucket, clocks,
 * batches) are told the time and hold no lock. One connection more than asked for carries what is urgent. The loss of any
 * connection ends the link. Must not know: machines, disks, memory.
 */
@NullMarked
package io.longhaul.engine.transport;

import org.jspecify.annotations.NullMarked;
