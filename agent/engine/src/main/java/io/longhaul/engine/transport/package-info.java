/**
 * Streams of frames carried by several TCP connections between two agents: bounded, checksummed, acknowledged. Takes
 * frames from {@link io.longhaul.engine.transport.StreamSender}s, gives them to the peer's
 * {@link io.longhaul.engine.transport.FrameReceiver}s, each once.
 *
 * <pre>
 *   LinkConnector / LinkListener      the handshake: who may talk, which connections belong together, who may come back
 *          '--> Link (TcpLink)        threads, heartbeat, losses, outages, end
 *                 Lanes, Redialing    which connections there are, and how lost ones come back
 *                 Outbox              what is to be written: windows, fair queue, acknowledgements, what goes again
 *                 Inbox               what has come: windows, order, hand-over to receivers
 *                 Lane                one connection: FrameWriter, FrameReader, FrameCodec, compression
 * </pre>
 *
 * <p>Each connection has a reading and a writing thread; the parts without threads (windows, flow limit, codec, bucket,
 * clocks, compression policy) are told the time. One connection more than asked for carries what is urgent. A lost
 * connection, and a lost link, is opened again for as long as the patience lasts. What lies between frames and sockets is
 * a {@link io.longhaul.engine.transport.Protection}. Must not know: machines, disks, memory.
 */
@NullMarked
package io.longhaul.engine.transport;

import org.jspecify.annotations.NullMarked;
