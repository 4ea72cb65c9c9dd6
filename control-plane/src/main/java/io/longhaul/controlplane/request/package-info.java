/**
 * Takes HTTP requests about migrations and gives stored migrations, held-back answers and event streams. Runs on
 * request threads; must not command agents.
 */
@NullMarked
package io.longhaul.controlplane.request;

import org.jspecify.annotations.NullMarked;
