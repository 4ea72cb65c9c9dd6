package io.longhaul.bench.api;

import com.google.gson.JsonParseException;
import io.longhaul.client.ApiException;
import io.longhaul.client.JSON;
import io.longhaul.client.model.Migration;
import io.longhaul.client.model.MigrationState;
import io.longhaul.client.model.WaitUntil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/** Follows migrations through their server-sent events. Thread safe; a call blocks until it has its answer. */
public final class MigrationFollower {
    private static final Set<MigrationState> ENDED =
            EnumSet.of(MigrationState.COMPLETED, MigrationState.CANCELLED, MigrationState.FAILED);

    private static final String DATA_FIELD = "data:";

    /** A stream that ends early is opened again so many times, then one held-back answer a change takes its place. */
    private static final int STREAMS = 3;

    private static final int HOLD_SECONDS = 10;

    private final PublicApi api;

    public MigrationFollower(PublicApi api) {
        this.api = api;
    }

    public static boolean hasEnded(Migration migration) {
        return ENDED.contains(migration.getState());
    }

    /**
     * Shows each event to the visitor until the visitor has seen enough or the migration has ended.
     *
     * @param visitor says whether it has seen enough
     * @return the migration as the visitor saw it last
     */
    public Migration follow(String migrationId, Predicate<Migration> visitor) throws ApiException {
        for (int stream = 0; stream < STREAMS; stream++) {
            Migration last = followStream(migrationId, visitor);
            if (last != null) {
                return last;
            }
        }
        return followByAsking(migrationId, visitor);
    }

    /** Waits for a state, or for the end where that comes first. */
    public Migration awaitState(String migrationId, MigrationState state) throws ApiException {
        return follow(migrationId, migration -> migration.getState() == state);
    }

    public Migration awaitEnd(String migrationId) throws ApiException {
        return follow(migrationId, migration -> false);
    }

    private @Nullable Migration followStream(String migrationId, Predicate<Migration> visitor) throws ApiException {
        try (Response response =
                api.events().streamMigrationEventsCall(migrationId, null, null).execute()) {
            ResponseBody body = response.body();
            if (!response.isSuccessful()) {
                throw new ApiException(
                        response.code(),
                        "The events of " + migrationId + " were refused",
                        response.headers().toMultimap(),
                        body.string());
            }
            return readEvents(body.source(), visitor);
        } catch (IOException e) {
            return null; // cut; the state is asked for anew
        }
    }

    /** Returns null where the stream ended before the visitor and the migration did. */
    private static @Nullable Migration readEvents(BufferedSource events, Predicate<Migration> visitor)
            throws IOException {
        StringBuilder data = new StringBuilder();
        for (String line = events.readUtf8Line(); line != null; line = events.readUtf8Line()) {
            if (line.startsWith(DATA_FIELD)) {
                data.append(line, DATA_FIELD.length(), line.length());
            } else if (line.isEmpty() && data.length() > 0) {
                Migration migration = parse(data.toString());
                data.setLength(0);
                if (visitor.test(migration) || hasEnded(migration)) {
                    return migration;
                }
            }
        }
        return null;
    }

    private static Migration parse(String json) {
        try {
            return JSON.deserialize(json, Migration.class);
        } catch (JsonParseException | IllegalArgumentException e) {
            throw new UncheckedIOException(new IOException("An event that is no migration: " + json, e));
        }
    }

    private Migration followByAsking(String migrationId, Predicate<Migration> visitor) throws ApiException {
        Migration seen = api.migrations().getMigration(migrationId, 0, WaitUntil.CHANGE);
        while (!visitor.test(seen) && !hasEnded(seen)) {
            seen = api.migrations().getMigration(migrationId, HOLD_SECONDS, WaitUntil.CHANGE);
        }
        return seen;
    }
}
