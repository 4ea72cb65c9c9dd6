/**
 * Every file, socket, process and export that a migration makes on a host, written down before it is made, so that
 * clean-up removes exactly that and nothing else, also after a crash.
 *
 * <p>Must not know: what the things are for.
 */
@NullMarked
package io.longhaul.engine.ledger;

import org.jspecify.annotations.NullMarked;
