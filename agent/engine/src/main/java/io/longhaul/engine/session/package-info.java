/**
 * One migration on one host, from its command to its end. Owns the threads of the transfer.
 */
@NullMarked
package io.longhaul.engine.session;

import org.jspecify.annotations.NullMarked;
