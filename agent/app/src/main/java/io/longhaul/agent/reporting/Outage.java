package io.longhaul.agent.reporting;

import org.slf4j.Logger;

/** Says once that something does not work, and once that it works again. Owned by one thread. */
public final class Outage {
    private final Logger log;
    private final String what;
    private boolean lasting;

    public Outage(Logger log, String what) {
        this.log = log;
        this.what = what;
    }

    public void failed(String reason) {
        if (!lasting) {
            lasting = true;
            log.warn("{} does not work: {}. It is tried again until it does.", what, reason);
        } else {
            log.debug("{} still does not work: {}", what, reason);
        }
    }

    public void worked() {
        if (lasting) {
            lasting = false;
            log.info("{} works again", what);
        }
    }
}
