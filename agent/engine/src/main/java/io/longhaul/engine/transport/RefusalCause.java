package io.longhaul.engine.transport;

/** Why a connection came to nothing before it carried a frame, for who counts that. */
public enum RefusalCause {
    /** What the peer shows is not of an authority that this host believes. */
    CERTIFICATE,
    /** It was, but its time is over or has not come. */
    EXPIRED,
    /** The peer has proved to be another host than the session's, or none. */
    HOST,
    /** The peer speaks something else, such as plain text, an older TLS or another version of the transport. */
    PROTOCOL,
    /** The peer does not believe this host. */
    OURS,
    /** This host has no certificate. */
    NO_IDENTITY,
    /** The peer took too long. */
    LATE,
    /** The peer hung up. */
    LOST,
    /** The session is not expected, not with that epoch, or was not proved. */
    SESSION,
    /** Something newer took its place. */
    SUPERSEDED,
    /** Too many connections are being greeted. */
    BUSY
}
