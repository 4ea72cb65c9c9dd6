package io.longhaul.engine.transport;

import java.io.IOException;

/**
 * A frame arrived whole and holds what no correct peer sends. Says what was seen and what is expected, so that whoever
 * reads of it looks at the peer, not at this host's disks or hypervisor.
 */
public final class PeerViolationException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String seen;
    private final String expected;

    public PeerViolationException(String seen, String expected) {
        super(seen + "; expected " + expected);
        this.seen = seen;
        this.expected = expected;
    }

    public String seen() {
        return seen;
    }

    public String expected() {
        return expected;
    }
}
