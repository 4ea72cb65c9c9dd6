/**
 * Takes what the kernel, the file systems and QEMU tell of this host, gives its inventory. What cannot change while the
 * agent runs is read once; the rest at each call, on the caller's thread. Must not know who asks.
 */
@NullMarked
package io.longhaul.agent.inventory;

import org.jspecify.annotations.NullMarked;
