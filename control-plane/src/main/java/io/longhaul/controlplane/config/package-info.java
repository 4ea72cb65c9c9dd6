/**
 * Takes the application's properties and gives checked settings. Read once at start; must not know any stage.
 */
@NullMarked
package io.longhaul.controlplane.config;

import org.jspecify.annotations.NullMarked;
