@NullMarked
package io.longhaul.controlplane.vms;

import org.jspecify.annotations.NullMarked;
