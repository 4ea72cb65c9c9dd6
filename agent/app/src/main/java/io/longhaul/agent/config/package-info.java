/**
 * Takes the properties under {@code longhaul.agent}, gives settings that are whole and checked: every folder absolute,
 * every default filled in. Runs at start. Must not know who uses them.
 */
@NullMarked
package io.longhaul.agent.config;

import org.jspecify.annotations.NullMarked;
