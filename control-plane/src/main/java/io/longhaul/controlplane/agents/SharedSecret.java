package io.longhaul.controlplane.agents;

import io.longhaul.controlplane.config.ControlPlaneProperties;
import io.longhaul.controlplane.support.Identifiers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The secret by which control plane and agents know each other, in a file made at the first start. Immutable. */
@Component
public class SharedSecret {

    static final String FILE = "agent-secret";
    private static final Logger log = LoggerFactory.getLogger(SharedSecret.class);
    private static final String SCHEME = "Bearer ";

    private final String header;

    public SharedSecret(ControlPlaneProperties properties, Identifiers identifiers) {
        Path file = properties.dataFolder().toAbsolutePath().normalize().resolve(FILE);
        try {
            this.header = SCHEME + (Files.exists(file) ? read(file) : make(file, identifiers.token()));
        } catch (IOException e) {
            throw new UncheckedIOException("The secret for the agents cannot be read or made in " + file, e);
        }
    }

    /** The value of the Authorization header. */
    String header() {
        return header;
    }

    /** Takes the same time whatever the header is. */
    boolean matches(@Nullable String presented) {
        return MessageDigest.isEqual(
                header.getBytes(StandardCharsets.UTF_8),
                String.valueOf(presented).getBytes(StandardCharsets.UTF_8));
    }

    private static String read(Path file) throws IOException {
        String secret = Files.readString(file, StandardCharsets.UTF_8).strip();
        if (secret.isEmpty()) {
            throw new IOException(file + " is empty; delete it to have a new secret made");
        }
        if (Files.getPosixFilePermissions(file).size() > 2) {
            log.warn("{} can be used by others than its owner; expected mode 0600", file);
        }
        return secret;
    }

    /** Written aside and moved into place, so that a crash never leaves half a secret. */
    private static String make(Path file, String secret) throws IOException {
        Files.createDirectories(file.getParent());
        Path unfinished = file.resolveSibling(FILE + ".new");
        Files.deleteIfExists(unfinished);
        try (FileChannel channel = FileChannel.open(
                unfinished,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(secret + "\n");
            while (bytes.hasRemaining()) {
                int unused = channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        log.info("Made the secret for the agents in {}", file);
        return secret;
    }
}
