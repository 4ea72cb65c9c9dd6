package io.longhaul.controlplane.trust;

import io.longhaul.controlplane.config.TrustProperties;
import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.problems.ProblemException;
import io.longhaul.controlplane.support.Identifiers;
import io.longhaul.controlplane.support.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;

/**
 * By which agents get their first certificate. Thread safe. A token's text is {@code lh1.<secret>.<fingerprint>}: the
 * secret lets the agent in, the fingerprint tells the agent whom to give it to.
 */
@Service
class JoinTokens {

    private static final Logger log = LoggerFactory.getLogger(JoinTokens.class);
    private static final Pattern TEXT = Pattern.compile("lh1\\.([A-Za-z0-9_-]{43})\\.[0-9a-f]{64}");
    /** So long a token that is over is still shown, and its refusal says why. */
    private static final Duration REMEMBERED = Duration.ofDays(1);

    private final JoinTokenRepository repository;
    private final CertificateAuthority authority;
    private final Transactions transactions;
    private final TrustProperties properties;
    private final Identifiers identifiers;
    private final Clock clock;

    JoinTokens(
            JoinTokenRepository repository,
            CertificateAuthority authority,
            Transactions transactions,
            TrustProperties properties,
            Identifiers identifiers,
            Clock clock) {
        this.repository = repository;
        this.authority = authority;
        this.transactions = transactions;
        this.properties = properties;
        this.identifiers = identifiers;
        this.clock = clock;
    }

    /** @param text what the agent is given; not kept */
    record Made(JoinTokenEntity token, String text) {}

    /** @param life the configured one where absent */
    Made make(@Nullable String host, boolean singleUse, @Nullable Duration life) {
        String secret = identifiers.token().replace('+', '-').replace('/', '_').replace("=", "");
        Instant now = clock.instant();
        JoinTokenEntity token = new JoinTokenEntity();
        token.id = identifiers.sorted("tok-");
        token.secretDigest = Digests.of(secret);
        token.host = host;
        token.singleUse = singleUse;
        token.createdAt = now;
        token.expiresAt = now.plus(Optional.ofNullable(life).orElse(properties.joinTokenLife()));
        transactions.run(() -> repository.save(token));
        log.info("Made the join token {}, good until {}", token.id, token.expiresAt);
        return new Made(token, "lh1." + secret + "." + authority.issuing().fingerprint());
    }

    /** Newest first. */
    List<JoinTokenEntity> all() {
        return repository.findAllByOrderByIdDesc();
    }

    void revoke(String id) {
        transactions.run(() -> {
            JoinTokenEntity token = repository
                    .findById(id)
                    .orElseThrow(() -> ProblemCode.NO_SUCH_JOIN_TOKEN.exception("There is no join token " + id + "."));
            token.revoked = true;
        });
        log.info("The join token {} was revoked", id);
    }

    /** Whether the text is a token's that is good for so long, and known by the authority that issues now. */
    boolean goodFor(String text, Duration time) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches() || !text.endsWith("." + authority.issuing().fingerprint())) {
            return false;
        }
        Instant until = clock.instant().plus(time);
        return transactions.call(() -> repository
                .findBySecretDigest(Digests.of(matcher.group(1)))
                .filter(token -> !token.revoked && token.expiresAt.isAfter(until))
                .isPresent());
    }

    /**
     * Joins the caller's transaction. The same host with the same key may use a token again: it lost the answer.
     *
     * @throws ProblemException TOKEN_REFUSED with the reason
     */
    JoinTokenEntity use(String text, String host, String keyDigest) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw refused("not of the form lh1.<secret>.<fingerprint>", "a join token");
        }
        JoinTokenEntity token = repository
                .findBySecretDigest(Digests.of(matcher.group(1)))
                .orElseThrow(() -> refused("an unknown token", "one that was made here"));
        boolean repeated = host.equals(token.usedBy) && keyDigest.equals(token.usedKeyDigest);
        if (token.revoked) {
            throw refused("the token " + token.id + ", which was revoked", "one that was not");
        }
        if (!clock.instant().isBefore(token.expiresAt)) {
            throw refused("the token " + token.id + ", which expired at " + token.expiresAt, "one that is still good");
        }
        if (token.host != null && !token.host.equals(host)) {
            throw refused("the token " + token.id + ", which is good for " + token.host, "one for " + host);
        }
        if (token.singleUse && token.uses > 0 && !repeated) {
            throw refused("the token " + token.id + ", which was used by " + token.usedBy, "one that was not used");
        }
        if (!repeated) {
            token.uses++;
            token.usedBy = host;
            token.usedKeyDigest = keyDigest;
        }
        return token;
    }

    @Scheduled(fixedDelayString = "PT1H")
    void forgetOld() {
        transactions.run(() -> {
            long unused = repository.deleteByExpiresAtBefore(clock.instant().minus(REMEMBERED));
        });
    }

    static ProblemException refused(String seen, String expected) {
        return ProblemCode.TOKEN_REFUSED.exception("The join token was refused.", seen, expected);
    }
}
