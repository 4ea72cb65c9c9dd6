package io.longhaul.agent.vms;

import io.longhaul.api.agent.model.BootFileKind;
import io.longhaul.api.model.DiskFormat;
import io.longhaul.api.model.VmDefinition;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What this host keeps of a machine it owns. Immutable; never change a definition it holds.
 *
 * @param epoch the epoch in which the machine became, or was last confirmed to be, this host's
 * @param requested the definition as it was put; absent where the machine came by a migration
 * @param definition the definition made exact for this host
 * @param serialLog absent where none is kept
 * @param complete false while its disks are being made; an incomplete one is undone at the next start
 * @param startWanted whether the guest should run: a guest that does not has FAILED
 */
public record VmRecord(
        UUID id,
        long epoch,
        @Nullable VmDefinition requested,
        VmDefinition definition,
        List<StoredDisk> disks,
        List<StoredBootFile> bootFiles,
        @Nullable String serialLog,
        boolean complete,
        boolean startWanted) {

    public VmRecord {
        disks = List.copyOf(disks);
        bootFiles = List.copyOf(bootFiles);
    }

    public Optional<StoredBootFile> bootFile(BootFileKind kind) {
        return bootFiles.stream().filter(file -> file.kind() == kind).findFirst();
    }

    public VmRecord withEpoch(long newEpoch) {
        return new VmRecord(id, newEpoch, requested, definition, disks, bootFiles, serialLog, complete, startWanted);
    }

    VmRecord completed() {
        return new VmRecord(id, epoch, requested, definition, disks, bootFiles, serialLog, true, startWanted);
    }

    VmRecord withStartWanted(boolean wanted) {
        return new VmRecord(id, epoch, requested, definition, disks, bootFiles, serialLog, complete, wanted);
    }

    /**
     * @param created whether we made the file and so remove it with the machine; an adopted one stays
     */
    public record StoredDisk(String name, String file, DiskFormat format, long sizeBytes, boolean created) {
        public Path path() {
            return Path.of(file);
        }
    }

    /** @param sha256 also its name in the store of boot files */
    public record StoredBootFile(BootFileKind kind, String sha256, long sizeBytes) {}
}
