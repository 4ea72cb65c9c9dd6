/**
 * The guest's memory, page by page. At the source it takes the hypervisor's migration stream and gives frames of pages,
 * with zero pages, superseded versions and what the far side has already left out, and hot pages held back until the end;
 * at the destination it takes the frames and gives a stream that the waiting hypervisor understands. What it does not
 * understand crosses as it is, in its place.
 *
 * <pre>
 *   hypervisor -> QemuStreamReader -> PageSender -> FrameOutput -> link -> MemoryReceiver -> SectionWriter -> hypervisor
 *                                      HeldPages, References                 ReferenceReader
 * </pre>
 *
 * <p>Each side has one thread of its own; the link's threads bring frames, acknowledgements and verdicts. Must not know:
 * storage.
 */
@NullMarked
package io.longhaul.engine.memory;

import org.jspecify.annotations.NullMarked;
