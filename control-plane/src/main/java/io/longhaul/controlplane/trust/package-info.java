/**
 * Takes join tokens and requests for certificates, gives certificates to those who may have one, and tells whose
 * certificate a connection shows. Keeps the installation's authority. Runs on request threads; must not know what is
 * asked over the connections.
 */
@NullMarked
package io.longhaul.controlplane.trust;

import org.jspecify.annotations.NullMarked;
