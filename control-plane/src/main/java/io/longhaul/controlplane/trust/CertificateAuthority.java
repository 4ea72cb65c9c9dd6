package io.longhaul.controlplane.trust;

import io.longhaul.controlplane.config.ControlPlaneProperties;
import io.longhaul.controlplane.config.TrustProperties;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * The installation's own authority: made at the first start, kept in the data folder, and never anywhere else. Thread
 * safe.
 *
 * <p>It is replaced in time by itself: when a third of its life is left a successor is made and told to every agent with its next certificate. It issues from the day on which every agent must
 * have heard of it, one certificate's life later; until its own end the old one is believed too.
 */
@Component
public class CertificateAuthority {

    static final String FOLDER = "authority";
    private static final Logger log = LoggerFactory.getLogger(CertificateAuthority.class);
    private static final Pattern FILE = Pattern.compile("authority-[0-9]{6}\\.pem");

    private final Path folder;
    private final TrustProperties properties;
    private final Clock clock;
    private final Certificates certificates = new Certificates(new SecureRandom());
    /** Oldest first. */
    private List<Authority> authorities;

    CertificateAuthority(ControlPlaneProperties properties, TrustProperties trust, Clock clock) {
        this.folder = properties.dataFolder().toAbsolutePath().normalize().resolve(FOLDER);
        this.properties = trust;
        this.clock = clock;
        try {
            this.authorities = read(folder);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(
                    "The authority in " + folder + " cannot be read (" + e.getMessage()
                            + "). Restore the folder; without it every agent has to join again.",
                    e);
        }
        keepUp();
    }

    /** Makes the first authority, and a successor in time. */
    final synchronized void keepUp() {
        Instant now = clock.instant();
        boolean lasting = authorities.stream()
                .anyMatch(one -> now.isBefore(
                        one.endsAt().minus(properties.authorityLife().dividedBy(3))));
        if (lasting) {
            return;
        }
        try {
            Authority made = certificates.authority(now, properties.authorityLife());
            Path file = unusedFile();
            PrivateFiles.write(
                    file, Pem.write(Pem.KEY, made.key().getEncoded()) + Pem.write(List.of(made.certificate())));
            List<Authority> all = new ArrayList<>(authorities);
            all.add(made);
            authorities = List.copyOf(all);
            log.info("Made the authority {} in {}", made.fingerprint(), file);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java runtime cannot make certificates", e);
        } catch (IOException e) {
            throw new UncheckedIOException("The authority cannot be written to " + folder, e);
        }
    }

    private Path unusedFile() {
        for (int number = 1; ; number++) {
            Path file = folder.resolve(String.format("authority-%06d.pem", number));
            if (Files.notExists(file)) {
                return file;
            }
        }
    }

    /** The newest that every agent has heard of. */
    synchronized Authority issuing() {
        Instant known = clock.instant().minus(properties.certificateLife());
        return authorities.stream()
                .filter(one -> one.madeAt().isBefore(known))
                .reduce((older, newer) -> newer)
                .orElse(authorities.get(0));
    }

    /** Whom to believe: all that are not over. */
    public synchronized List<X509Certificate> believed() {
        Instant now = clock.instant();
        List<X509Certificate> alive = authorities.stream()
                .filter(one -> now.isBefore(one.endsAt()))
                .map(Authority::certificate)
                .toList();
        return alive.isEmpty() ? List.of(issuing().certificate()) : alive;
    }

    List<X509Certificate> issue(PublicKey key, Certificates.Name name) {
        return issue(key, name, null);
    }

    /**
     * The certificate first, then its authority's.
     *
     * @param notBefore it is to count as issued no earlier
     */
    List<X509Certificate> issue(PublicKey key, Certificates.Name name, @Nullable Instant notBefore) {
        Authority authority = issuing();
        Instant now = clock.instant();
        try {
            X509Certificate issued = certificates.issue(
                    authority,
                    key,
                    name,
                    notBefore != null && notBefore.isAfter(now) ? notBefore : now,
                    properties.certificateLife());
            return List.of(issued, authority.certificate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A certificate for " + name.uri() + " cannot be issued", e);
        }
    }

    KeyPair keys() {
        try {
            return certificates.keys();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java runtime cannot make keys", e);
        }
    }

    Duration certificateLife() {
        return properties.certificateLife();
    }

    private static List<Authority> read(Path folder) throws IOException, GeneralSecurityException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(
                            file -> FILE.matcher(file.getFileName().toString()).matches())
                    .sorted()
                    .toList();
        }
        List<Authority> found = new ArrayList<>();
        for (Path file : files) {
            String text = Files.readString(file);
            found.add(new Authority(Pem.key(Pem.one(Pem.KEY, text)), Pem.certificate(Pem.one(Pem.CERTIFICATE, text))));
            if (Files.getPosixFilePermissions(file).size() > 2) {
                log.warn("{} can be used by others than its owner; expected mode 0600", file);
            }
        }
        return List.copyOf(found);
    }
}
