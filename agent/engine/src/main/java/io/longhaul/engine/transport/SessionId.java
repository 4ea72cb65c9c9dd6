package io.longhaul.engine.transport;

import java.nio.charset.StandardCharsets;

/** Which session of which migration a link belongs to. Both sides must name the same. Immutable. */
public record SessionId(String migrationId, long epoch) {
    static final int MIGRATION_ID_LIMIT_BYTES = 128;

    public SessionId {
        int bytes = migrationId.getBytes(StandardCharsets.UTF_8).length;
        if (bytes < 1 || bytes > MIGRATION_ID_LIMIT_BYTES) {
            throw new IllegalArgumentException(
                    "a migration's id has 1 to " + MIGRATION_ID_LIMIT_BYTES + " bytes, not " + bytes);
        }
    }

    @Override
    public String toString() {
        return migrationId + " epoch " + epoch;
    }
}
