package io.longhaul.engine.hypervisor;

import java.io.IOException;

/** What was to be written has no room in the file system below the disk. */
public final class DiskFullException extends IOException {
    private static final long serialVersionUID = 1L;

    public DiskFullException(String message, Throwable cause) {
        super(message, cause);
    }
}
