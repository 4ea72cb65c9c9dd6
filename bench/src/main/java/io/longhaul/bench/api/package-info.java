/**
 * Takes the address of a control plane, gives its public API through the generated client, and follows one migration
 * through its server-sent events. Runs on the caller's thread and blocks it. Must not know how the servers were started.
 */
@NullMarked
package io.longhaul.bench.api;

import org.jspecify.annotations.NullMarked;
