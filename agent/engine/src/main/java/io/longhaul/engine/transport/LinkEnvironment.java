package io.longhaul.engine.transport;

import io.longhaul.engine.support.Ticker;
import java.security.SecureRandom;
import java.util.concurrent.ThreadFactory;

/**
 * What links need of the process. Immutable.
 *
 * @param threads makes threads that block in system calls; each is given a name here
 * @param random for nonces
 */
public record LinkEnvironment(Ticker ticker, ThreadFactory threads, SecureRandom random) {

    Thread newThread(String name, Runnable work) {
        Thread thread = threads.newThread(work);
        thread.setName(name);
        return thread;
    }
}
