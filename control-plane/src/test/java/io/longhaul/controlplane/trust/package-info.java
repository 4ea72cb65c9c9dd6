/** Tests of who is believed, with a clock of their own. */
@NullMarked
package io.longhaul.controlplane.trust;

import org.jspecify.annotations.NullMarked;
