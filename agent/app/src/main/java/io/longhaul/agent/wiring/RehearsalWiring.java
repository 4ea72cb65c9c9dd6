package io.longhaul.agent.wiring;

import io.longhaul.agent.config.AgentSettings;
import io.longhaul.agent.identity.CertificateRequests;
import io.longhaul.agent.rehearsal.StartRehearsal;
import io.longhaul.engine.rehearsal.Rehearsal;
import io.longhaul.engine.rehearsal.RehearsalSettings;
import io.longhaul.engine.support.Ticker;
import io.longhaul.engine.transport.LinkEnvironment;
import io.longhaul.engine.transport.LinkSettings;
import io.longhaul.engine.transport.tls.TlsContexts;
import io.longhaul.engine.transport.tls.TlsProtection;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What makes the agent's first migration as fast as its second. It shares nothing with migrations but the code. */
@Configuration(proxyBeanMethods = false)
class RehearsalWiring {

    @Bean
    StartRehearsal startRehearsal(AgentSettings settings, CertificateRequests requests, Clock clock) {
        return new StartRehearsal(
                settings.rehearsal()
                        ? Optional.of(() -> rehearsal(settings.hostName(), requests, clock))
                        : Optional.empty());
    }

    /** With a certificate for the moment: the host's own may not be there yet, and what is compiled is the same. */
    private static Rehearsal rehearsal(String hostName, CertificateRequests requests, Clock clock)
            throws GeneralSecurityException {
        TlsContexts contexts = new TlsContexts();
        contexts.replace(requests.forItself(hostName, clock.instant()));
        Ticker ticker = Ticker.system();
        LinkEnvironment environment = new LinkEnvironment(ticker, AgentThreads.named("rehearsal"), new SecureRandom())
                .withProtection(
                        new TlsProtection(contexts, LinkSettings.defaults().handshakeTimeout(), ticker));
        return new Rehearsal(RehearsalSettings.DEFAULT, environment, hostName);
    }
}
