package io.longhaul.agent.wiring;

import io.longhaul.agent.config.AdvertisedAddresses;
import io.longhaul.agent.config.AgentProperties;
import io.longhaul.agent.config.AgentSettings;
import io.longhaul.agent.config.StartRefusedException;
import io.longhaul.agent.problems.ProblemModels;
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
        try {
            return AgentSettings.of(properties, Path.of(environment.getRequiredProperty("java.io.tmpdir")));
        } catch (IllegalArgumentException e) {
            throw new StartRefusedException(String.valueOf(e.getMessage()), e);
        }
    }

    @Bean
    AdvertisedAddresses advertisedAddresses(AgentSettings settings, Environment environment) {
        return AdvertisedAddresses.of(settings, environment.getProperty("server.address"));
    }

    /**
     * Made before anything is read or written, and kept from a second agent.
     *
     * @param addresses only so that wrong settings are told of before anything is made
     */
    @Bean
    OwnedFolders ownedFolders(AgentSettings settings, AdvertisedAddresses addresses) {
        making("data-folder", settings.dataFolder(), () -> makeDataFolder(settings.dataFolder()));
        OwnedFolders owned =
                making("data-folder", settings.dataFolder(), () -> OwnedFolders.take(settings.dataFolder()));
        making(
                "socket-folder",
                settings.socketFolder(),
                () -> makePrivate(settings.socketFolder(), settings.dataFolder()));
        making("template-folder", settings.templateFolder(), () -> makeTemplates(settings.templateFolder()));
        settings.pools()
                .forEach((name, folder) -> making("pools." + name, folder, () -> Files.createDirectories(folder)));
        return owned;
    }

    /** One that is there may well be an operator's that this user can only read. */
    private static Path makeTemplates(Path folder) throws IOException {
        return Files.isDirectory(folder) ? folder : Files.createDirectories(folder);
    }

    private static <T> T making(String key, Path folder, Making<T> step) {
        try {
            return step.make();
        } catch (IOException e) {
            throw new StartRefusedException(
                    "The folder " + folder + " of longhaul.agent." + key + " cannot be used (" + e
                            + "); expected a folder this user can write, or can make. Correct its permissions, or set "
                            + "another.",
                    e);
        }
    }

    private interface Making<T> {
        T make() throws IOException;
    }

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    ProblemModels problemModels(AgentSettings settings) {
        return new ProblemModels(settings.hostName());
    }

    /** Guests' disks and the secrets of running migrations are in it. One that is there keeps its permissions. */
    private static Path makeDataFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return folder;
    }

    /** Whoever reaches a socket in it owns the guest; in a folder for temporary files anybody could have made it. */
    private static Path makePrivate(Path folder, Path ownFolder) throws IOException {
        Files.createDirectories(folder);
        boolean own = Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                && Files.getAttribute(folder, "unix:uid")
                        .equals(Files.getAttribute(ownFolder.resolve("lock"), "unix:uid"));
        if (!own) {
            throw new StartRefusedException("The socket folder " + folder
                    + " is not a folder of this user's own; remove it or set longhaul.agent.socket-folder.");
        }
        return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
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
                throw new StartRefusedException(
                        "Another agent uses the data folder " + dataFolder
                                + "; expected one agent for each. End it, or give this one its own longhaul.agent.data-folder.");
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
