package io.longhaul.engine.transport.tls;

import io.longhaul.engine.transport.RefusalCause;
import io.longhaul.engine.transport.UnprovenPeerException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** What a failed handshake is counted as. Pure. */
final class TlsRefusals {
    /** How the JDK begins what the peer has said; it has no other sign of it. */
    private static final String BY_PEER = "Received fatal alert";

    /** A peer that has no certificate that would do shows none, and that is an exception without a cause. */
    private static final String NOTHING_SHOWN = "certificate chain";

    private TlsRefusals() {}

    static UnprovenPeerException of(IOException failure) {
        if (failure instanceof UnprovenPeerException known) {
            return known;
        }
        RefusalCause cause = causeOf(failure);
        String detail = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        return new UnprovenPeerException(cause, textOf(cause) + ": " + detail, failure);
    }

    private static RefusalCause causeOf(IOException failure) {
        boolean certificate = false;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateExpiredException || cause instanceof CertificateNotYetValidException) {
                return RefusalCause.EXPIRED;
            }
            certificate |= cause instanceof CertificateException;
        }
        if (certificate) {
            return RefusalCause.CERTIFICATE;
        }
        if (failure instanceof SSLPeerUnverifiedException) {
            return RefusalCause.HOST;
        }
        if (failure instanceof SocketTimeoutException) {
            return RefusalCause.LATE;
        }
        return failure instanceof SSLException ? causeIn(String.valueOf(failure.getMessage())) : RefusalCause.LOST;
    }

    private static RefusalCause causeIn(String message) {
        if (message.contains(BY_PEER)) {
            return RefusalCause.OURS;
        }
        return message.contains(NOTHING_SHOWN) ? RefusalCause.CERTIFICATE : RefusalCause.PROTOCOL;
    }

    private static String textOf(RefusalCause cause) {
        return switch (cause) {
            case EXPIRED -> "the peer's certificate is not valid now";
            case CERTIFICATE -> "the peer's certificate is not of this installation";
            case OURS -> "the peer does not believe this host's certificate";
            case PROTOCOL -> "the peer does not speak TLS 1.3 as it should";
            case NO_IDENTITY -> "this host cannot prove itself";
            case HOST, LATE, LOST, SESSION, SUPERSEDED, BUSY -> "the TLS handshake failed";
        };
    }
}
