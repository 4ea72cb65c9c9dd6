package io.longhaul.engine.memory;

/**
 * One of the guest's memories as the hypervisor numbers it.
 *
 * @param name at most 255 characters of Latin-1, as on the stream
 */
record RamBlock(String name, long pages) {}
