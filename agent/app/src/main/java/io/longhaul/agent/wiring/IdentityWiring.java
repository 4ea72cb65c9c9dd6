package io.longhaul.agent.wiring;

import io.longhaul.agent.config.AgentProperties;
import io.longhaul.agent.config.AgentSettings;
import io.longhaul.agent.config.StartRefusedException;
import io.longhaul.agent.identity.CertificateRequests;
import io.longhaul.agent.identity.Enrolment;
import io.longhaul.agent.identity.IdentityFile;
import io.longhaul.agent.identity.IdentityKeeper;
import io.longhaul.agent.identity.Peers;
import io.longhaul.agent.reporting.Heartbeats;
import io.longhaul.agent.security.AgentConnector;
import io.longhaul.agent.wiring.FolderWiring.OwnedFolders;
import io.longhaul.engine.transport.tls.TlsContexts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import okhttp3.OkHttpClient;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** What this host proves itself by: to the control plane, to other agents, and over transfer connections. */
@Configuration(proxyBeanMethods = false)
class IdentityWiring {

    /** The identity of the moment; every new connection asks it. Whoever uses it finds what an earlier run has kept. */
    @Bean
    TlsContexts tlsContexts() {
        return new TlsContexts();
    }

    @Bean
    CertificateRequests certificateRequests() {
        return new CertificateRequests(new SecureRandom());
    }

    @Bean
    AgentConnector agentConnector(
            IdentityKeeper keeper, TlsContexts contexts, CertificateRequests requests, Clock clock) {
        return new AgentConnector(contexts, requests, clock);
    }

    @Bean
    IdentityKeeper identityKeeper(
            OwnedFolders owned,
            AgentProperties properties,
            AgentSettings settings,
            CertificateRequests requests,
            TlsContexts contexts,
            JsonMapper mapper,
            Clock clock,
            ObjectProvider<AgentConnector> connector,
            ObjectProvider<Heartbeats> heartbeats) {
        requireReadable(properties);
        OkHttpClient client = Peers.secure(new OkHttpClient.Builder(), contexts)
                .connectTimeout(Duration.ofSeconds(3))
                .callTimeout(Duration.ofSeconds(8))
                .build();
        IdentityKeeper keeper = new IdentityKeeper(
                new IdentityFile(settings.dataFolder()),
                tokens(properties),
                requests,
                new Enrolment(client, mapper, settings.controlPlaneUrl(), settings.hostName()),
                contexts,
                clock,
                identity -> connector.getObject().show(identity),
                () -> heartbeats.getObject().soon());
        try {
            keeper.takeUp();
        } catch (IOException e) {
            throw new StartRefusedException(String.valueOf(e.getMessage()), e);
        }
        return keeper;
    }

    private static IdentityKeeper.TokenSource tokens(AgentProperties properties) {
        return new IdentityKeeper.TokenSource(
                Optional.ofNullable(properties.joinToken()).filter(text -> !text.isBlank()),
                properties.joinTokenFile().toAbsolutePath().normalize());
    }

    /** One that is not there yet may come: the control plane makes it. One that cannot be read does not get better. */
    private static void requireReadable(AgentProperties properties) {
        Path file = properties.joinTokenFile().toAbsolutePath().normalize();
        boolean needed =
                properties.joinToken() == null || properties.joinToken().isBlank();
        if (needed && !Files.notExists(file) && (Files.isDirectory(file) || !Files.isReadable(file))) {
            throw new StartRefusedException("The join token in " + file + " cannot be read"
                    + (Files.isDirectory(file) ? ", for it is a folder" : " by this user")
                    + "; expected a file with a join token of the control plane. Correct its permissions, or set "
                    + "longhaul.agent.join-token-file.");
        }
    }
}
