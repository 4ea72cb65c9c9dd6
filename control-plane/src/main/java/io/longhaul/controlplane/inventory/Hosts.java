package io.longhaul.controlplane.inventory;

import io.longhaul.api.agent.model.Heartbeat;
import io.longhaul.api.agent.model.Registration;
import io.longhaul.api.model.HostInventory;
import io.longhaul.controlplane.agents.AgentListener;
import io.longhaul.controlplane.config.HostsProperties;
import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.problems.ProblemException;
import io.longhaul.controlplane.support.Json;
import io.longhaul.controlplane.support.Transactions;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Service;

/**
 * The hosts that have registered. Thread safe. What heartbeats say is kept in memory and stored now and then: after a
 * restart the last known inventory is shown, and a host is OFFLINE once its last stored heartbeat is old.
 */
@Service
@Order(1)
public class Hosts implements AgentListener {

    private static final Logger log = LoggerFactory.getLogger(Hosts.class);
    private static final Duration STORE_INTERVAL = Duration.ofSeconds(30);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?");

    private record Row(String site, String agentUrl, HostInventory inventory, Instant lastHeartbeat, Instant stored) {}

    private final HostRepository repository;
    private final HostsProperties properties;
    private final Transactions transactions;
    private final Json json;
    private final Clock clock;
    private final ConcurrentHashMap<String, Row> rows = new ConcurrentHashMap<>();

    Hosts(
            HostRepository repository,
            HostsProperties properties,
            Transactions transactions,
            Json json,
            Clock clock,
            MeterRegistry metrics) {
        this.repository = repository;
        this.properties = properties;
        this.transactions = transactions;
        this.json = json;
        this.clock = clock;
        repository.findAll().forEach(host -> rows.put(host.name(), row(host)));
        registerGauge(metrics, true, "online");
        registerGauge(metrics, false, "offline");
    }

    @Override
    public void onRegistration(String host, Registration registration) {
        if (!NAME.matcher(host).matches()) {
            throw ProblemCode.INVALID_FIELD.exception(
                    "The host's name cannot be used.", host, "letters, digits, dots and hyphens, at most 63");
        }
        Instant now = clock.instant();
        transactions.run(() -> {
            HostEntity entity = repository.findById(host).orElseGet(() -> new HostEntity(host));
            entity.registered(registration.getSite(), registration.getAgentUrl());
            entity.seen(json.write(registration.getInventory()), now);
            repository.save(entity);
        });
        rows.put(
                host,
                new Row(registration.getSite(), registration.getAgentUrl(), registration.getInventory(), now, now));
        log.info("Host {} registered: site {}, agent at {}", host, registration.getSite(), registration.getAgentUrl());
    }

    @Override
    public void onHeartbeat(String host, Heartbeat heartbeat) {
        Instant now = clock.instant();
        Row row = rows.computeIfPresent(
                host,
                (name, old) ->
                        new Row(old.site(), old.agentUrl(), heartbeat.getInventory(), now, stored(old.stored(), now)));
        if (row == null) {
            throw noSuchHost(host);
        }
        if (row.stored().equals(now)) {
            transactions.run(() ->
                    repository.findById(host).ifPresent(entity -> entity.seen(json.write(row.inventory()), now)));
        }
    }

    public Optional<KnownHost> find(String name) {
        return Optional.ofNullable(rows.get(name)).map(row -> known(name, row));
    }

    public KnownHost require(String name) {
        return find(name).orElseThrow(() -> noSuchHost(name));
    }

    /** The host, where its agent is heard. */
    public KnownHost requireOnline(String name) {
        KnownHost host = require(name);
        if (!host.online()) {
            throw new ProblemException(ProblemCode.AGENT_OFFLINE
                    .problem("The agent of " + name + " is offline.")
                    .seen("last heard at " + host.lastHeartbeat())
                    .expected("a heartbeat within " + properties.offlineAfter().toSeconds() + " s")
                    .host(name));
        }
        return host;
    }

    /** By name. */
    public List<KnownHost> all() {
        return rows.entrySet().stream()
                .map(entry -> known(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparing(KnownHost::name))
                .toList();
    }

    private KnownHost known(String name, Row row) {
        Instant now = clock.instant();
        boolean online = row.lastHeartbeat().plus(properties.offlineAfter()).isAfter(now);
        Duration age = Duration.between(row.lastHeartbeat(), now);
        return new KnownHost(name, row.site(), row.agentUrl(), row.inventory(), row.lastHeartbeat(), age, online);
    }

    private Row row(HostEntity host) {
        HostInventory inventory = json.read(host.inventory(), HostInventory.class);
        return new Row(host.site(), host.agentUrl(), inventory, host.lastHeartbeat(), host.lastHeartbeat());
    }

    private void registerGauge(MeterRegistry metrics, boolean online, String state) {
        Gauge.builder(
                        "longhaul.hosts",
                        this,
                        hosts -> hosts.all().stream()
                                .filter(host -> host.online() == online)
                                .count())
                .tag("state", state)
                .description("Registered hosts")
                .register(metrics);
    }

    private static Instant stored(Instant last, Instant now) {
        return last.plus(STORE_INTERVAL).isAfter(now) ? last : now;
    }

    private static ProblemException noSuchHost(String name) {
        return ProblemCode.NO_SUCH_HOST.exception(
                "No host named " + name + " has registered.", name, "the name of a registered host");
    }
}
