package io.longhaul.agent.identity;

import io.longhaul.agent.files.DurableFiles;
import io.longhaul.engine.transport.tls.TlsIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * The host's key, its certificates and whom it believes, in one file, so that they are never of two minds. Used by one
 * thread at a time. Only the owner can read the file.
 */
public final class IdentityFile {
    private static final String AUTHORITIES = "# Whom to believe:\n";

    private final Path file;

    public IdentityFile(Path dataFolder) {
        this.file = dataFolder.resolve("identity.pem");
    }

    Path path() {
        return file;
    }

    /** Empty before the host has joined. */
    Optional<TlsIdentity> read() throws IOException, GeneralSecurityException {
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        String text = Files.readString(file, StandardCharsets.US_ASCII);
        int parts = text.indexOf(AUTHORITIES);
        List<X509Certificate> chain = Pem.certificates(parts < 0 ? "" : text.substring(0, parts));
        List<X509Certificate> authorities = Pem.certificates(parts < 0 ? "" : text.substring(parts));
        if (chain.isEmpty() || authorities.isEmpty()) {
            throw new GeneralSecurityException("it lacks the host's certificate or its authority's");
        }
        return Optional.of(new TlsIdentity(Pem.key(text), chain, authorities));
    }

    void write(TlsIdentity identity) throws IOException, GeneralSecurityException {
        String text = Pem.write(identity.key())
                + Pem.write(identity.chain())
                + AUTHORITIES
                + Pem.write(identity.authorities());
        DurableFiles.write(file, text.getBytes(StandardCharsets.US_ASCII));
    }
}
