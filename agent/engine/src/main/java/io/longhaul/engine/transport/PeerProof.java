package io.longhaul.engine.transport;

/**
 * What the other end of a session's connections has to prove. Immutable.
 *
 * @param secret at least 16 bytes, known to both agents only
 * @param hostName the host that it has to be, where connections are protected; see {@link Connection#couldBe}
 */
public record PeerProof(byte[] secret, String hostName) {

    public PeerProof {
        Handshake.checkSecret(secret);
        secret = secret.clone();
    }
}
