/**
 * Takes a request with what is known of the hosts and gives a plan or every reason against it. Pure: no thread, no clock,
 * no database; must not know how a plan is carried out.
 */
@NullMarked
package io.longhaul.controlplane.planning;

import org.jspecify.annotations.NullMarked;
