package io.longhaul.controlplane.trust;

import io.longhaul.controlplane.config.ControlPlaneProperties;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Keeps a join token in a file of the data folder that is always good for half a day, for whoever sets up a host. Used
 * by the main thread, then by the scheduler's. It gives nobody more than the folder does: the authority's key is in it.
 */
@Component
class BootstrapToken {

    static final String FILE = "join-token";
    private static final Logger log = LoggerFactory.getLogger(BootstrapToken.class);
    private static final Duration LIFE = Duration.ofDays(1);
    /** A longer file is something else. */
    private static final long LIMIT_BYTES = 1024;

    private final JoinTokens tokens;
    private final Path file;

    BootstrapToken(JoinTokens tokens, ControlPlaneProperties properties) {
        this.tokens = tokens;
        this.file = properties.dataFolder().toAbsolutePath().normalize().resolve(FILE);
        keepUp();
    }

    @Scheduled(initialDelayString = "PT10M", fixedDelayString = "PT10M")
    final void keepUp() {
        try {
            if (!tokens.goodFor(read(), LIFE.dividedBy(2))) {
                PrivateFiles.write(file, tokens.make(null, false, LIFE).text() + "\n");
                log.info("Wrote a join token for agents to {}", file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The join token for agents cannot be kept in " + file, e);
        }
    }

    private String read() throws IOException {
        try {
            return Files.size(file) > LIMIT_BYTES
                    ? ""
                    : Files.readString(file, StandardCharsets.UTF_8).strip();
        } catch (NoSuchFileException e) {
            return "";
        }
    }
}
