package io.longhaul.controlplane.trust;

import io.longhaul.api.TrustApi;
import io.longhaul.api.model.CreateJoinToken;
import io.longhaul.api.model.JoinToken;
import io.longhaul.api.model.JoinTokenList;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Objects;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RestController;

/** Requests about who may join. Immutable. */
@RestController
class TrustController implements TrustApi {

    private final JoinTokens tokens;
    private final HostCertificates hosts;

    TrustController(JoinTokens tokens, HostCertificates hosts) {
        this.tokens = tokens;
        this.hosts = hosts;
    }

    @Override
    public ResponseEntity<JoinToken> createJoinToken(CreateJoinToken request) {
        Integer seconds = request.getExpiresInSeconds();
        JoinTokens.Made made = tokens.make(
                request.getHost(),
                Objects.requireNonNullElse(request.getSingleUse(), true),
                seconds == null ? null : Duration.ofSeconds(seconds));
        return ResponseEntity.status(HttpStatus.CREATED)
                .body(shown(made.token()).token(made.text()));
    }

    @Override
    public ResponseEntity<JoinTokenList> listJoinTokens() {
        return ResponseEntity.ok(new JoinTokenList(
                tokens.all().stream().map(TrustController::shown).toList()));
    }

    @Override
    public ResponseEntity<Void> revokeJoinToken(String tokenId) {
        tokens.revoke(tokenId);
        return ResponseEntity.noContent().build();
    }

    @Override
    public ResponseEntity<Void> revokeHost(String host) {
        hosts.revoke(host);
        return ResponseEntity.noContent().build();
    }

    private static JoinToken shown(JoinTokenEntity token) {
        return new JoinToken(
                        token.id,
                        token.singleUse,
                        utc(token.createdAt),
                        utc(token.expiresAt),
                        token.uses,
                        token.revoked)
                .host(token.host)
                .usedBy(token.usedBy);
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
