package io.longhaul.engine.transport;

/** A session whose link was given out, and to which lost connections may come back. Immutable. */
record LiveSession(SessionId session, PeerProof peer, Hello.Key attempt, TcpLink link) {

    Handshake.Verdict verdictOn(Hello hello, Connection from) {
        if (session.epoch() != hello.session().epoch()) {
            return Handshake.Verdict.EPOCH;
        }
        if (!from.couldBe(peer.hostName())) {
            return Handshake.Verdict.HOST;
        }
        return attempt.equals(hello.attempt()) ? Handshake.Verdict.WELCOME : Handshake.Verdict.LINK_MADE;
    }
}
