/**
 * Takes a key with a request and gives the first answer again. Runs on request threads, one at a time for each key; must not
 * know what the request does.
 */
@NullMarked
package io.longhaul.controlplane.idempotency;

import org.jspecify.annotations.NullMarked;
