/**
 * What two engines with a hypervisor each must do, as a suite that the fake and the real hypervisors run alike.
 *
 * <p>Takes a {@code HypervisorStage}; must not know which hypervisor it is.
 */
@NullMarked
package io.longhaul.testkit.migration;

import org.jspecify.annotations.NullMarked;
