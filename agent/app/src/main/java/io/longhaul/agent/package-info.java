/**
 * The program that runs on every host: takes the control plane's commands over HTTP, gives running guests, this host's
 * sides of migrations, and reports. Must not know how bytes are moved or how QEMU is spoken to; {@code wiring} names
 * the classes that do.
 */
@NullMarked
package io.longhaul.agent;

import org.jspecify.annotations.NullMarked;
