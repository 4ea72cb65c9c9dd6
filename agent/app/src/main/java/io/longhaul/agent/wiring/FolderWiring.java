package io.longhaul.agent.wiring;

import io.longhaul.agent.config.AgentProperties;
import io.longhaul.agent.config.AgentSettings;
import io.longhaul.agent.problems.ProblemModels;
import io.longhaul.agent.security.SharedSecret;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Settings, folders, and what needs nothing else. */
@Configuration(proxyBeanMethods = false)
class FolderWiring {

    @Bean
    AgentSettings agentSettings(AgentProperties properties, Environment environment) {
        return AgentSettings.of(properties, Path.of(environment.getRequiredProperty("java.io.tmpdir")));
    }

    /** Made before anything is read or written, and kept from a second agent. */
    @Bean
    OwnedFolders ownedFolders(AgentSettings settings) throws IOException {
        makeDataFolder(settings.dataFolder());
        OwnedFolders owned = OwnedFolders.take(settings.dataFolder());
        makePrivate(settings.socketFolder(), settings.dataFolder());
        for (Path pool : settings.pools().values()) {
            Files.createDirectories(pool);
        }
        return owned;
    }

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    SharedSecret sharedSecret(AgentProperties properties) {
        return new SharedSecret(properties.secret(), properties.secretFile());
    }

    @Bean
    ProblemModels problemModels(AgentSettings settings) {
        return new ProblemModels(settings.hostName());
    }

    /** Guests' disks and the secrets of running migrations are in it. One that is there keeps its permissions. */
    private static void makeDataFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }

    /** Whoever reaches a socket in it owns the guest; in a folder for temporary files anybody could have made it. */
    private static void makePrivate(Path folder, Path ownFolder) throws IOException {
        Files.createDirectories(folder);
        boolean own = Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                && Files.getAttribute(folder, "unix:uid")
                        .equals(Files.getAttribute(ownFolder.resolve("lock"), "unix:uid"));
        if (!own) {
            throw new IOException("The socket folder " + folder
                    + " is not a folder of this user's own; remove it or set longhaul.agent.socket-folder");
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }

    /** Holds the lock that keeps a second agent away from the data. Closed at the end. */
    static final class OwnedFolders implements AutoCloseable {
        private final FileChannel channel;

        private OwnedFolders(FileChannel channel) {
            this.channel = channel;
        }

        static OwnedFolders take(Path dataFolder) throws IOException {
            FileChannel channel =
                    FileChannel.open(dataFolder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (lock(channel) == null) {
                channel.close();
                throw new IOException("Another agent uses " + dataFolder
                        + "; end it, or give this one its own longhaul.agent.data-folder");
            }
            return new OwnedFolders(channel);
        }

        private static @Nullable FileLock lock(FileChannel channel) throws IOException {
            try {
                return channel.tryLock();
            } catch (OverlappingFileLockException e) {
                return null;
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
