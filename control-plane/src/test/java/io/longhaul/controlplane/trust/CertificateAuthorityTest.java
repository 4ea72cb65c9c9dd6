package io.longhaul.controlplane.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.controlplane.config.ControlPlaneProperties;
import io.longhaul.controlplane.config.TrustProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The authority over its years. */
class CertificateAuthorityTest {
    private static final Duration LIFE = Duration.ofDays(30);
    private static final Duration AUTHORITY_LIFE = Duration.ofDays(900);

    @TempDir
    Path folder = Path.of("unset");

    private final SettableClock clock = new SettableClock();

    @Test
    void isTheSameAfterARestart() {
        List<X509Certificate> made = authority().believed();
        assertThat(made).hasSize(1);
        assertThat(authority().believed()).isEqualTo(made);
    }

    @Test
    void issuesWhatItIsAskedAndNothingMore() throws GeneralSecurityException {
        CertificateAuthority authority = authority();
        KeyPair keys = authority.keys();
        List<X509Certificate> chain = authority.issue(keys.getPublic(), PeerNames.ofAgent("host-a"));
        X509Certificate issued = chain.get(0);
        issued.verify(chain.get(1).getPublicKey());
        assertThat(issued.getPublicKey()).isEqualTo(keys.getPublic());
        assertThat(PeerNames.agent(issued)).contains("host-a");
        assertThat(issued.getBasicConstraints()).isEqualTo(-1);
        assertThat(chain.get(1).getBasicConstraints()).isZero();
        assertThat(issued.getNotAfter().toInstant()).isEqualTo(clock.now.plus(LIFE));
        assertThat(PeerNames.agent(chain.get(1))).isEmpty();
    }

    @Test
    void itsSuccessorIsBelievedBeforeItIssuesAndTheOldOneUntilItsEnd() {
        CertificateAuthority authority = authority();
        X509Certificate old = authority.believed().get(0);
        clock.now = clock.now.plus(Duration.ofDays(599));
        authority.keepUp();
        assertThat(authority.believed()).containsExactly(old);

        clock.now = clock.now.plus(Duration.ofDays(2));
        authority.keepUp();
        assertThat(authority.believed()).hasSize(2).startsWith(old);
        assertThat(authority.issuing().certificate()).isEqualTo(old);

        clock.now = clock.now.plus(LIFE);
        authority.keepUp();
        X509Certificate successor = authority.believed().get(1);
        assertThat(authority.issuing().certificate()).isEqualTo(successor);
        assertThat(authority().issuing().certificate()).isEqualTo(successor);

        clock.now = clock.now.plus(Duration.ofDays(270));
        authority.keepUp();
        assertThat(authority.believed()).containsExactly(successor);
    }

    @Test
    void aCertificateEndsWithItsAuthorityAtTheLatest() {
        CertificateAuthority authority = authority();
        Instant end = authority.issuing().endsAt();
        clock.now = end.minus(Duration.ofDays(1));
        var issued = authority.issue(authority.keys().getPublic(), PeerNames.ofAgent("host-a"));
        assertThat(issued.get(0).getNotAfter().toInstant()).isEqualTo(end);
    }

    @Test
    void refusesToStartAnewOverAnAuthorityThatCannotBeRead() throws IOException {
        var unused = authority();
        Path file = folder.resolve("authority/authority-000001.pem");
        Files.writeString(file, "half a f");
        assertThatThrownBy(this::authority)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("authority");
        assertThat(file).hasContent("half a f");
    }

    private CertificateAuthority authority() {
        return new CertificateAuthority(
                new ControlPlaneProperties(folder, "127.0.0.1", 0),
                new TrustProperties(LIFE, AUTHORITY_LIFE, Duration.ofHours(1)),
                clock);
    }

    /** Whole seconds, as certificates count. */
    private static final class SettableClock extends Clock {
        private Instant now = Instant.parse("2030-01-01T00:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
