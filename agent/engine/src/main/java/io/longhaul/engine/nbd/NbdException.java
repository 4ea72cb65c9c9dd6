package io.longhaul.engine.nbd;

import java.io.IOException;

/** A request that the NBD server answered with an error. The connection goes on. */
public final class NbdException extends IOException {
    private static final long serialVersionUID = 1L;

    public static final int EPERM = 1;
    public static final int EIO = 5;
    public static final int EINVAL = 22;
    public static final int ENOSPC = 28;
    public static final int ENOTSUP = 95;

    private final int errno;

    public NbdException(int errno, String message) {
        super(message + " (NBD error " + errno + ")");
        this.errno = errno;
    }

    /** The error's number as in the protocol, which are Linux's. */
    public int errno() {
        return errno;
    }
}
