package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.DiskReader;
import io.longhaul.engine.hypervisor.GuestDefinition;
import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.storage.DiskDigest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Digests a machine's disks for the receipt. A digest that cannot be made is left out: it proves nothing, and harms nobody. */
final class DiskVerification {
    private static final Logger log = LoggerFactory.getLogger(DiskVerification.class);

    private DiskVerification() {}

    /** Opens a disk by name. */
    interface Opener {
        DiskReader open(String disk) throws HypervisorException;
    }

    static List<Measurements.DiskDigest> digests(GuestDefinition guest, Opener opener) {
        List<Measurements.DiskDigest> digests = new ArrayList<>();
        for (GuestDefinition.Disk disk : guest.disks()) {
            try (DiskReader reader = opener.open(disk.name())) {
                digests.add(new Measurements.DiskDigest(
                        disk.name(), reader.sizeBytes(), DiskDigest.of(reader, Thread.currentThread()::isInterrupted)));
            } catch (HypervisorException | IOException e) {
                log.warn("Disk {} of {} could not be digested: {}", disk.name(), guest.name(), e.toString());
            }
        }
        return digests;
    }
}
