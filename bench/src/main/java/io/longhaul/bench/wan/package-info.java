/**
 * What {@code ./bench/wan} does: takes a link's properties and a workload, moves the guest that checks itself over that
 * link with Longhaul and with QEMU's own means in turn, and gives the figures of both, their ratios and a chart. One
 * thread runs it; followers of serial logs have their own. Judges nothing: it measures, and says what it measured on.
 */
@NullMarked
package io.longhaul.bench.wan;

import org.jspecify.annotations.NullMarked;
