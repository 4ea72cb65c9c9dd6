package io.longhaul.bench.guest;

import io.longhaul.client.model.BootDefinition;
import io.longhaul.client.model.DiskDefinition;
import io.longhaul.client.model.GuestProbeKind;
import io.longhaul.client.model.NetworkInterface;
import io.longhaul.client.model.VmDefinition;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A machine that runs the guest which checks itself. Immutable.
 *
 * @param memoryMebibytes of the machine
 * @param load parameters of the guest by name, as agent/testkit/guest/README.md lists them
 */
public record CheckedGuest(String name, int memoryMebibytes, List<DiskDefinition> disks, Map<String, Integer> load) {
    private static final long MEBIBYTE = 1 << 20;

    public CheckedGuest {
        disks = List.copyOf(disks);
        load = Map.copyOf(load);
    }

    /** On every host's network "default". */
    public VmDefinition definition(GuestFiles files) {
        return new VmDefinition()
                .name(name)
                .vcpus(1)
                .memoryBytes(memoryMebibytes * MEBIBYTE)
                .boot(new BootDefinition()
                        .kernel(files.kernel().toString())
                        .initrd(files.initrd().toString())
                        .commandLine(commandLine()))
                .disks(disks)
                .addNetworkInterfacesItem(new NetworkInterface().network("default"))
                .guestProbe(GuestProbeKind.SERIAL);
    }

    private String commandLine() {
        StringBuilder line = new StringBuilder("console=ttyS0 quiet");
        new TreeMap<>(load)
                .forEach((key, value) ->
                        line.append(" longhaul.").append(key).append('=').append(value.intValue()));
        return line.toString();
    }
}
