package io.longhaul.canary;

/** Properties that are no record. */
public final class ClassProperties {}
