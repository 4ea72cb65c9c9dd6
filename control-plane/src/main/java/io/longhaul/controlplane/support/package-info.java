/**
 * Identifiers, time, threads and JSON for every stage: the only place that makes them. Must not know any stage.
 */
@NullMarked
package io.longhaul.controlplane.support;

import org.jspecify.annotations.NullMarked;
