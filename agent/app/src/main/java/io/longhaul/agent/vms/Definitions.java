package io.longhaul.agent.vms;

import io.longhaul.agent.config.AgentSettings;
import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.problems.ProblemException;
import io.longhaul.api.model.NetworkInterface;
import io.longhaul.api.model.VmDefinition;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes a definition exact for this host: every alias, default and name resolved or refused. Thread safe. */
public final class Definitions {
    /** What the API's specification says for keys that are left out or null. */
    private static final VmDefinition DEFAULTS = new VmDefinition();

    private final AgentSettings settings;
    private final HostOffer offer;

    public Definitions(AgentSettings settings, HostOffer offer) {
        this.settings = settings;
        this.offer = offer;
    }

    /**
     * A copy with everything exact but disks and boot files.
     *
     * @throws ProblemException where this host cannot give what the definition asks for
     */
    public VmDefinition exact(UUID id, VmDefinition asked) {
        requireText(asked);
        VmDefinition exact = new VmDefinition(asked.getName(), asked.getMemoryBytes());
        exact.setVcpus(Objects.requireNonNullElse(asked.getVcpus(), DEFAULTS.getVcpus()));
        exact.setMachineType(machineType(asked));
        exact.setCpuModel(cpuModel(asked));
        exact.setBoot(asked.getBoot());
        exact.setDisks(Objects.requireNonNullElse(asked.getDisks(), List.of()));
        exact.setNetworkInterfaces(
                networkInterfaces(id, Objects.requireNonNullElse(asked.getNetworkInterfaces(), List.of())));
        exact.setLabels(new TreeMap<>(Objects.requireNonNullElse(asked.getLabels(), Map.of())));
        exact.setSerialLog(Objects.requireNonNullElse(asked.getSerialLog(), DEFAULTS.getSerialLog()));
        exact.setGuestProbe(Objects.requireNonNullElse(asked.getGuestProbe(), DEFAULTS.getGuestProbe()));
        return exact;
    }

    /** Neither a file's name nor a program's argument can hold a NUL character, and no other text needs one. */
    private static void requireText(VmDefinition asked) {
        if (asked.toString().indexOf('\0') >= 0) {
            throw new ProblemException(
                    ProblemCode.MALFORMED_REQUEST,
                    "The definition holds a NUL character",
                    "a NUL character",
                    "text without one");
        }
    }

    /** The pool's folder. */
    public Path pool(@Nullable String name) {
        Path folder = name == null ? null : settings.pools().get(name);
        if (folder == null) {
            throw new ProblemException(
                    ProblemCode.NO_SUCH_POOL,
                    "The host " + settings.hostName() + " has no pool " + name,
                    "the pool " + name,
                    "one of " + sorted(settings.pools().keySet()));
        }
        return folder;
    }

    /** The bridge of a network; empty where QEMU translates addresses itself. */
    public Optional<String> bridge(String network) {
        AgentSettings.Network found = settings.networks().get(network);
        if (found == null) {
            throw new ProblemException(
                    ProblemCode.NO_SUCH_NETWORK,
                    "The host " + settings.hostName() + " has no network " + network,
                    "the network " + network,
                    "one of " + sorted(settings.networks().keySet()));
        }
        return found.bridge();
    }

    /**
     * Refuses a machine that does not fit.
     *
     * @throws ProblemException NOT_ENOUGH_MEMORY
     */
    public void requireMemory(VmDefinition definition) {
        long free = offer.freeMemoryBytes();
        if (definition.getMemoryBytes() > free) {
            throw new ProblemException(
                    ProblemCode.NOT_ENOUGH_MEMORY,
                    "The host " + settings.hostName() + " has not enough memory for " + definition.getName(),
                    free + " bytes free",
                    definition.getMemoryBytes() + " bytes");
        }
    }

    private String machineType(VmDefinition asked) {
        String name = Objects.requireNonNullElse(asked.getMachineType(), DEFAULTS.getMachineType());
        return offer.machineType(name)
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.MACHINE_TYPE_UNAVAILABLE,
                        "QEMU on " + settings.hostName() + " does not offer this machine type",
                        name,
                        "a machine type the host reports"));
    }

    private String cpuModel(VmDefinition asked) {
        String whole = Objects.requireNonNullElse(asked.getCpuModel(), DEFAULTS.getCpuModel());
        // Model names hold hyphens themselves (Skylake-Client): features come after a comma or a plus.
        if (!offer.offersCpuModel(whole.split("[,+]", 2)[0])) {
            throw new ProblemException(
                    ProblemCode.CPU_MODEL_UNAVAILABLE,
                    "The host " + settings.hostName() + " cannot give the CPU model " + whole,
                    whole,
                    "a CPU model the host reports as usable");
        }
        return whole;
    }

    private List<NetworkInterface> networkInterfaces(UUID id, List<NetworkInterface> asked) {
        List<NetworkInterface> exact = new ArrayList<>();
        Set<String> addresses = new HashSet<>();
        for (int index = 0; index < asked.size(); index++) {
            NetworkInterface one = asked.get(index);
            var unused = bridge(one.getNetwork());
            String address = one.getMacAddress() == null ? macAddress(id, index) : one.getMacAddress();
            if (!addresses.add(address)) {
                throw new ProblemException(
                        ProblemCode.MALFORMED_REQUEST,
                        "Two network interfaces have the same MAC address",
                        address,
                        "a different address for each interface");
            }
            NetworkInterface made = new NetworkInterface(one.getNetwork());
            made.setMacAddress(address);
            exact.add(made);
        }
        return exact;
    }

    /** 52:54:00 is the range QEMU's guests use; the rest comes from the machine's id, so that it never changes. */
    private static String macAddress(UUID id, int index) {
        byte[] seed = ByteBuffer.allocate(20)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .putInt(index)
                .array();
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(seed);
            return "52:54:00:" + HexFormat.ofDelimiter(":").formatHex(digest, 0, 3);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }

    private static List<String> sorted(Set<String> names) {
        return names.stream().sorted().toList();
    }
}
