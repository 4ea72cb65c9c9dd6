package io.longhaul.engine.transport;

/** A session whose link was given out, and to which lost connections may come back. Immutable. */
record LiveSession(SessionId session, byte[] secret, Hello.Key attempt, TcpLink link) {

    Handshake.Verdict verdictOn(Hello hello) {
        if (session.epoch() != hello.session().epoch()) {
            return Handshake.Verdict.EPOCH;
        }
        return attempt.equals(hello.attempt()) ? Handshake.Verdict.WELCOME : Handshake.Verdict.LINK_MADE;
    }
}
