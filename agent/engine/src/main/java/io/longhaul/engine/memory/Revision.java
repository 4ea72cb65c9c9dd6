package io.longhaul.engine.memory;

/**
 * Which version of the guest's memory the source works on (the versioning of Tajamolian and Ghasemzadeh). Immutable.
 *
 * @param release the migration's start, in epoch milliseconds
 * @param generation rounds of pre-copy begun
 * @param features changes of the policy since the start
 * @param corrections pages that came changed in this round
 * @param correctionsPerSecond over the last round that lasted long enough to tell
 */
public record Revision(long release, int generation, int features, long corrections, double correctionsPerSecond) {

    @Override
    public String toString() {
        return release + "." + generation + "." + features + "." + corrections;
    }
}
