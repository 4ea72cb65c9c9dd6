package io.longhaul.engine.storage;

/**
 * One frame to be: a range of bytes, the regions it touches, and its barrier. Immutable.
 *
 * @param generation of the sender, see the package's comment
 */
record Span(int first, int count, long offset, long lengthBytes, long barrier, int generation) {}
