package io.longhaul.agent.security;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secret that the control plane and its agents share. Thread safe. The file is made by the control plane at its
 * first start, so that it may appear later than this agent: until then nobody is let in, and the log says so once.
 */
public final class SharedSecret {
    private static final Logger LOG = LoggerFactory.getLogger(SharedSecret.class);

    /** A secret is a line; more is some other file. */
    private static final int LIMIT_BYTES = 4096;

    private final Path file;
    private final AtomicReference<@Nullable String> known = new AtomicReference<>();
    private final AtomicReference<@Nullable String> toldOf = new AtomicReference<>();

    public SharedSecret(@Nullable String inline, Path file) {
        this.file = file.toAbsolutePath().normalize();
        if (inline != null && !inline.isBlank()) {
            known.set(inline.strip());
        }
    }

    /** The secret, or empty while its file is not there. */
    public Optional<String> current() {
        String secret = known.get();
        if (secret != null) {
            return Optional.of(secret);
        }
        Optional<String> read = read();
        read.ifPresent(found -> {
            if (known.compareAndSet(null, found)) {
                LOG.info("Read the shared secret from {}", file);
            }
        });
        return read;
    }

    /** Compares in a time that does not tell how much is right. */
    public boolean isProvenBy(String candidate) {
        return current()
                .map(secret -> MessageDigest.isEqual(
                        secret.getBytes(StandardCharsets.UTF_8), candidate.getBytes(StandardCharsets.UTF_8)))
                .orElse(false);
    }

    private Optional<String> read() {
        try {
            if (Files.size(file) > LIMIT_BYTES) {
                tellOnce("it has more than " + LIMIT_BYTES + " bytes");
                return Optional.empty();
            }
            String secret = Files.readString(file, StandardCharsets.UTF_8).strip();
            if (secret.isEmpty()) {
                tellOnce("it is empty");
                return Optional.empty();
            }
            return Optional.of(secret);
        } catch (NoSuchFileException e) {
            tellOnce("it is not there");
            return Optional.empty();
        } catch (IOException e) {
            tellOnce(e.toString());
            return Optional.empty();
        }
    }

    private void tellOnce(String reason) {
        if (!reason.equals(toldOf.getAndSet(reason))) {
            LOG.warn(
                    "Waiting for the shared secret in {}: {}. The control plane makes it at its first start; "
                            + "copy it here or set longhaul.agent.secret-file.",
                    file,
                    reason);
        }
    }
}
