/** Tests of the benchmark's reading, reckoning and writing; the link and the machines are the wrapper's --self-test. */
@NullMarked
package io.longhaul.bench.wan;

import org.jspecify.annotations.NullMarked;
