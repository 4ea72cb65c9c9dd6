package io.longhaul.controlplane.trust;

import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.support.Transactions;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;

/** Which hosts have certificates, and which of those still count. Thread safe. */
@Service
public class HostCertificates {

    private static final Logger log = LoggerFactory.getLogger(HostCertificates.class);
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?");

    private final HostCertificateRepository repository;
    private final JoinTokens tokens;
    private final CertificateAuthority authority;
    private final Transactions transactions;
    private final Clock clock;
    /** Host to the moment before which its certificates are refused; as many as hosts that were ever shut out. */
    private final ConcurrentHashMap<String, Instant> refusedBefore = new ConcurrentHashMap<>();

    HostCertificates(
            HostCertificateRepository repository,
            JoinTokens tokens,
            CertificateAuthority authority,
            Transactions transactions,
            Clock clock) {
        this.repository = repository;
        this.tokens = tokens;
        this.authority = authority;
        this.transactions = transactions;
        this.clock = clock;
        for (HostCertificateEntity row : repository.findAll()) {
            if (row.refusedBefore != null) {
                refusedBefore.put(row.host, row.refusedBefore);
            }
        }
    }

    /** The first certificate of a host, or the first after it was shut out. */
    List<X509Certificate> enrol(String host, String token, String request) {
        if (!NAME.matcher(host).matches()) {
            throw ProblemCode.INVALID_FIELD.exception(
                    "The host's name cannot be used.",
                    host,
                    "lower-case letters, digits, dots and hyphens, at most 63");
        }
        PublicKey key = requestedKey(request);
        String digest = Digests.of(key);
        List<X509Certificate> chain = transactions.call(() -> {
            JoinTokenEntity used = tokens.use(token, host, digest);
            HostCertificateEntity row = repository.findById(host).orElseGet(HostCertificateEntity::new);
            requireFree(host, row, used, digest);
            row.host = host;
            row.removed = false;
            return issued(row, key, digest);
        });
        log.info("The agent of {} has joined", host);
        return chain;
    }

    /** Who has a token must not become another host that is there; only one made for that host says it is meant. */
    private void requireFree(String host, HostCertificateEntity row, JoinTokenEntity used, String digest) {
        if (row.removed && row.refusedBefore != null && used.createdAt.isBefore(row.refusedBefore)) {
            throw JoinTokens.refused(
                    "the token " + used.id + ", made at " + used.createdAt + ", before " + host + " was shut out",
                    "one made afterwards");
        }
        boolean taken = !row.host.isEmpty()
                && !row.removed
                && !row.keyDigest.equals(digest)
                && clock.instant().isBefore(row.expiresAt);
        if (taken && used.host == null) {
            throw ProblemCode.HOST_ALREADY_JOINED.exception(
                    "The host " + host + " has joined with another key.",
                    "a certificate of " + host + " that is good until " + row.expiresAt,
                    "no such certificate, or a join token for " + host + " alone");
        }
    }

    /** The next certificate of a host that has proven itself by the one it has. */
    List<X509Certificate> renew(String host, String request) {
        PublicKey key = requestedKey(request);
        List<X509Certificate> chain = transactions.call(() -> {
            HostCertificateEntity row =
                    repository.findById(host).filter(known -> !known.removed).orElseThrow(() -> shutOut(host));
            return issued(row, key, Digests.of(key));
        });
        log.info("The certificate of {} was renewed", host);
        return chain;
    }

    /** Refuses every certificate the host has, and the next. */
    void revoke(String host) {
        Instant refused = transactions.call(() -> {
            HostCertificateEntity row = repository
                    .findById(host)
                    .orElseThrow(() -> ProblemCode.NO_SUCH_HOST.exception("No host " + host + " has joined."));
            if (!row.removed) {
                row.removed = true;
                // Certificates count seconds; one of this very second, issued before the row was read, must not slip
                // through.
                row.refusedBefore =
                        clock.instant().truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
            }
            return row.refusedBefore;
        });
        // What is stored also says how early the next certificate may begin, so a repeated call moves neither.
        refusedBefore.merge(host, refused, (before, then) -> before.isAfter(then) ? before : then);
        log.warn("The host {} was shut out", host);
    }

    /** Whether the certificate, which is the host's and not over, still counts. */
    public boolean welcome(X509Certificate certificate, String host) {
        Instant refused = refusedBefore.get(host);
        Instant issued = certificate.getNotBefore().toInstant().plus(Certificates.CLOCKS_DIFFER);
        return refused == null || !issued.isBefore(refused);
    }

    private List<X509Certificate> issued(HostCertificateEntity row, PublicKey key, String digest) {
        List<X509Certificate> chain = authority.issue(key, PeerNames.ofAgent(row.host), row.refusedBefore);
        row.keyDigest = digest;
        row.issuedAt = clock.instant();
        row.expiresAt = chain.get(0).getNotAfter().toInstant();
        repository.save(row);
        return chain;
    }

    static io.longhaul.controlplane.problems.ProblemException shutOut(String host) {
        return ProblemCode.HOST_SHUT_OUT.exception(
                "The host " + host + " was shut out.", "a host that was shut out", "one that has joined");
    }

    private static PublicKey requestedKey(String request) {
        try {
            return Certificates.requestedKey(request);
        } catch (GeneralSecurityException e) {
            throw ProblemCode.INVALID_FIELD.exception(
                    "The field certificateRequest cannot be used: " + e.getMessage() + ".",
                    "another text",
                    "a PKCS #10 request in PEM for a key of the curve P-256");
        }
    }
}
