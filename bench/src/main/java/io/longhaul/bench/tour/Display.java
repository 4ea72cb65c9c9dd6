package io.longhaul.bench.tour;

import io.longhaul.client.model.Migration;

/** Shows what the tour does. Called from any thread. */
interface Display {

    /** A line that stays. */
    void say(String line);

    /** The migration as it is now; replaces what was shown of it before where the display can. */
    void show(Migration migration);

    /** The migration has ended; what was last shown of it stays. */
    void finish();
}
