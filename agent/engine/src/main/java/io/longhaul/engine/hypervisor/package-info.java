/**
 * What the engine asks of a hypervisor: ports only, in our words. Adapters translate.
 *
 * <p>Must not know: any hypervisor's own terms, HTTP, Spring, other packages of the engine but {@code ledger}.
 */
@NullMarked
package io.longhaul.engine.hypervisor;

import org.jspecify.annotations.NullMarked;
