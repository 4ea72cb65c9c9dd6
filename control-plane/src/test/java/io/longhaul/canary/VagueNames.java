package io.longhaul.canary;

/** One of each ending that says nothing. */
public interface VagueNames {

    interface SomeUtil {}

    interface SomeUtils {}

    interface SomeHelper {}

    interface SomeManager {}

    interface SomeImpl {}

    interface SomeBase {}

    interface SomeCommon {}

    interface SomeData {}

    interface SomeInfo {}
}
