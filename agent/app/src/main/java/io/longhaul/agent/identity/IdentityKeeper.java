package io.longhaul.agent.identity;

import io.longhaul.agent.reporting.Backoff;
import io.longhaul.agent.reporting.Loop;
import io.longhaul.agent.reporting.Outage;
import io.longhaul.engine.transport.tls.TlsContexts;
import io.longhaul.engine.transport.tls.TlsIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that the host has a certificate: joins by a token where it has none, and renews it when two thirds of its
 * life are over. Its steps run on a thread of its own; the public methods are thread safe. Connections there are go on
 * with the certificate that they were made with.
 */
public final class IdentityKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IdentityKeeper.class);
    private static final Duration LONGEST_PAUSE = Duration.ofHours(1);
    /** A longer file is something else. */
    private static final long TOKEN_LIMIT_BYTES = 1024;

    private final IdentityFile file;
    private final TokenSource tokens;
    private final CertificateRequests requests;
    private final Enrolment enrolment;
    private final TlsContexts contexts;
    private final Clock clock;
    private final Consumer<TlsIdentity> shown;
    private final Runnable onChange;
    private final Backoff backoff = new Backoff();
    private final Outage outage = new Outage(LOG, "Getting this host's certificate");
    private final Loop loop = new Loop(this::step);
    /** Kept over attempts: a single-use token may be used again with the key whose answer was lost. */
    private @Nullable KeyPair joining;

    private volatile boolean wanted;

    /**
     * Both are called at each change, on the keeper's thread.
     *
     * @param shown puts it before whoever connects to this host. Before this host uses it itself: the control plane
     *     would call back who registers with it, and not believe what was shown until then
     * @param onChange when it is in use
     */
    public IdentityKeeper(
            IdentityFile file,
            TokenSource tokens,
            CertificateRequests requests,
            Enrolment enrolment,
            TlsContexts contexts,
            Clock clock,
            Consumer<TlsIdentity> shown,
            Runnable onChange) {
        this.file = file;
        this.tokens = tokens;
        this.requests = requests;
        this.enrolment = enrolment;
        this.contexts = contexts;
        this.clock = clock;
        this.shown = shown;
        this.onChange = onChange;
    }

    /**
     * Where the join token comes from. Immutable.
     *
     * @param text the token itself; the file's where absent
     */
    public record TokenSource(Optional<String> text, Path file) {

        JoinToken read() throws IOException, GeneralSecurityException {
            if (text.isPresent()) {
                return JoinToken.parse(text.get());
            }
            try {
                if (Files.size(file) > TOKEN_LIMIT_BYTES) {
                    throw new IOException(
                            "the join token in " + file + " has more than " + TOKEN_LIMIT_BYTES + " bytes");
                }
                return JoinToken.parse(Files.readString(file, StandardCharsets.UTF_8));
            } catch (NoSuchFileException e) {
                throw new IOException(
                        "there is no join token in " + file
                                + "; make one at the control plane and put it there, or set "
                                + "longhaul.agent.join-token",
                        e);
            }
        }

        @Override
        public String toString() {
            return "TokenSource[" + file + "]";
        }
    }

    /**
     * Takes up what an earlier run has kept.
     *
     * @throws IOException where that cannot be used
     */
    public void takeUp() throws IOException {
        try {
            Optional<TlsIdentity> kept = file.read();
            if (kept.isPresent()) {
                contexts.replace(kept.get());
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "The host's certificate in " + file.path() + " cannot be used (" + e.getMessage()
                            + "). Restore the file, or remove it and give the agent a join token for this host.",
                    e);
        }
    }

    public void start(ThreadFactory threads) {
        loop.start(threads);
    }

    /** Gets a new certificate at once, whatever is left of the old one. */
    public void renewNow() {
        wanted = true;
        loop.wake();
    }

    /** One look; answers how long to wait before the next. */
    Duration step() {
        Instant now = clock.instant();
        Optional<TlsIdentity> current = contexts.identity();
        boolean joins = current.isEmpty() || !now.isBefore(current.get().notAfter());
        if (!joins && !wanted && now.isBefore(renewal(current.get()))) {
            return pause(now, current.get());
        }
        try {
            TlsIdentity next = joins ? join() : enrolment.renew(requests.keys());
            file.write(next);
            shown.accept(next);
            contexts.replace(next);
            wanted = false;
            joining = null;
            backoff.reset();
            outage.worked();
            LOG.info("This host has a certificate until {}", next.notAfter());
            onChange.run();
            return pause(now, next);
        } catch (IOException | GeneralSecurityException e) {
            outage.failed(String.valueOf(e.getMessage()));
            return backoff.next();
        }
    }

    private TlsIdentity join() throws IOException, GeneralSecurityException {
        JoinToken token = tokens.read();
        KeyPair keys = joining == null ? requests.keys() : joining;
        joining = keys;
        return enrolment.join(token, keys);
    }

    /** When two thirds of the certificate's life are over. */
    static Instant renewal(TlsIdentity identity) {
        Instant from = identity.certificate().getNotBefore().toInstant();
        return from.plus(
                Duration.between(from, identity.notAfter()).multipliedBy(2).dividedBy(3));
    }

    private static Duration pause(Instant now, TlsIdentity identity) {
        Duration left = Duration.between(now, renewal(identity));
        if (left.compareTo(LONGEST_PAUSE) > 0) {
            return LONGEST_PAUSE;
        }
        return left.compareTo(Duration.ofMillis(100)) < 0 ? Duration.ofMillis(100) : left;
    }

    @Override
    public void close() {
        loop.close();
    }
}
