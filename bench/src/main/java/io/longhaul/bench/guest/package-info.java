/**
 * Takes the script that builds the guest which checks itself, gives its files and its definition for the API. Runs on
 * the caller's thread. Must not know the cluster or what is done with the guest.
 */
@NullMarked
package io.longhaul.bench.guest;

import org.jspecify.annotations.NullMarked;
