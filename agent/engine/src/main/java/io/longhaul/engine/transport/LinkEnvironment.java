package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;
import java.security.SecureRandom;
import java.util.concurrent.ThreadFactory;

/**
 * What links need of the process. Immutable.
 *
 * @param threads makes threads that block in system calls; each is given a name here
 * @param random for nonces
 * @param sharedLimiter caps what all links together put on the wire; changed while they run
 * @param protection what lies between frames and sockets
 */
public record LinkEnvironment(
        Ticker ticker, ThreadFactory threads, SecureRandom random, RateLimiter sharedLimiter, Protection protection) {

    /** Without protection, and with a cap of its own that is not set. */
    public LinkEnvironment(Ticker ticker, ThreadFactory threads, SecureRandom random) {
        this(ticker, threads, random, new RateLimiter(ticker), Protection.none());
    }

    public LinkEnvironment withProtection(Protection other) {
        return new LinkEnvironment(ticker, threads, random, sharedLimiter, other);
    }

    public LinkEnvironment withSharedLimiter(RateLimiter other) {
        return new LinkEnvironment(ticker, threads, random, other, protection);
    }

    Thread newThread(String name, Runnable work) {
        Thread thread = threads.newThread(work);
        thread.setName(name);
        return thread;
    }
}
