package io.longhaul.controlplane.request;

import io.longhaul.api.model.CreateMigration;
import io.longhaul.api.model.Migration;
import io.longhaul.api.model.MigrationPolicy;
import io.longhaul.controlplane.agents.AgentClient;
import io.longhaul.controlplane.execution.Migrations;
import io.longhaul.controlplane.inventory.Hosts;
import io.longhaul.controlplane.inventory.KnownHost;
import io.longhaul.controlplane.problems.ProblemCode;
import io.longhaul.controlplane.vms.KnownVm;
import io.longhaul.controlplane.vms.Vms;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Takes requests to move a machine. Thread safe; blocks on the source's agent where the machine was not heard of lately. */
@Service
class MigrationRequests {

    private static final int MOST_NAME = 63;
    private static final Pattern TEMPLATE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,126}");

    private final Migrations migrations;
    private final Vms vms;
    private final Hosts hosts;
    private final AgentClient agents;

    MigrationRequests(Migrations migrations, Vms vms, Hosts hosts, AgentClient agents) {
        this.migrations = migrations;
        this.vms = vms;
        this.hosts = hosts;
        this.agents = agents;
    }

    Migration create(String id, CreateMigration request) {
        check(request);
        KnownVm vm = vms.require(request.getVm());
        KnownHost destination = hosts.require(request.getDestination());
        if (vm.observed().isEmpty() && !vm.host().equals(destination.name())) {
            KnownHost source = hosts.requireOnline(vm.host());
            vms.observe(vm.host(), agents.getVm(source.agent(), vm.id()));
            vm = vms.require(request.getVm());
        }
        return migrations.accept(id, request, vm);
    }

    /** What the generated classes cannot check: the values of maps, and nulls in the place of defaults. */
    private static void check(CreateMigration request) {
        names("pools", request.getPools());
        names("networks", request.getNetworks());
        MigrationPolicy policy = request.getPolicy();
        if (policy != null) {
            templates(policy.getSeeds());
        }
        boolean nulls = request.getPriority() == null
                || policy != null
                        && Stream.of(
                                        policy.getDowntimeLimitMillis(),
                                        policy.getVerifyDisks(),
                                        policy.getSourceDisks(),
                                        policy.getReuseExistingDisks())
                                .anyMatch(Objects::isNull);
        if (nulls) {
            throw ProblemCode.INVALID_FIELD.exception("A field is null.", "null", "a value, or no such field");
        }
    }

    /** The destination's agent looks in one folder: a name that leads elsewhere is a mistake, or worse. */
    private static void templates(@Nullable Map<String, @Nullable String> seeds) {
        List<String> wrong = seeds == null
                ? List.of()
                : seeds.entrySet().stream()
                        .filter(entry -> entry.getValue() == null
                                || !TEMPLATE_NAME.matcher(entry.getValue()).matches())
                        .map(Map.Entry::getKey)
                        .toList();
        if (!wrong.isEmpty()) {
            throw ProblemCode.INVALID_FIELD.exception(
                    "The field policy.seeds maps " + wrong + " to something that is no plain file name.",
                    "no plain file name",
                    "1 to 127 letters, digits, dots, hyphens and underscores, the first a letter or digit");
        }
    }

    private static void names(String field, @Nullable Map<String, @Nullable String> map) {
        List<String> wrong = map == null
                ? List.of()
                : map.entrySet().stream()
                        .filter(entry -> entry.getValue() == null
                                || entry.getValue().isEmpty()
                                || entry.getValue().length() > MOST_NAME)
                        .map(Map.Entry::getKey)
                        .toList();
        if (!wrong.isEmpty()) {
            throw ProblemCode.INVALID_FIELD.exception(
                    "The field " + field + " maps " + wrong + " to something that is no name.",
                    "no name",
                    "a name of 1 to 63 characters");
        }
    }
}
