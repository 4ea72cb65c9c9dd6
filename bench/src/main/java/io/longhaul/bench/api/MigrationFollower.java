package io.longhaul.bench.api;

import com.google.gson.JsonParseException;
import io.longhaul.client.ApiException;
import io.longhaul.client.JSON;
import io.longhaul.client.model.Migration;
import io.longhaul.client.model.MigrationState;
import io.longhaul.client.model.WaitUntil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import okhttp3.Call;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/** Follows migrations through their server-sent events. Thread safe; a call blocks until it has its answer. */
public final class MigrationFollower {
    private static final Set<MigrationState> ENDED =
            EnumSet.of(MigrationState.COMPLETED, MigrationState.CANCELLED, MigrationState.FAILED);

    private static final String DATA_FIELD = "data:";

    /** After a cut stream, and the server may be on its way up again. */
    private static final int HOLD_SECONDS = 1;

    private final PublicApi api;
    private final Duration patience;

    /**
     * @param patience a migration that takes longer is followed no further
     */
    public MigrationFollower(PublicApi api, Duration patience) {
        this.api = api;
        this.patience = patience;
    }

    public static boolean hasEnded(Migration migration) {
        return ENDED.contains(migration.getState());
    }

    /**
     * Shows the migration to the visitor at each event until the visitor has seen enough or the migration has ended.
     *
     * @param visitor says whether it has seen enough
     * @return the migration as the visitor saw it last
     * @throws ImpatienceException where that takes too long
     */
    public Migration follow(String migrationId, Predicate<Migration> visitor) throws ApiException {
        long endNanos = System.nanoTime() + patience.toNanos();
        while (true) {
            Duration left = Duration.ofNanos(endNanos - System.nanoTime());
            if (left.isNegative() || left.isZero()) {
                throw new ImpatienceException("The migration " + migrationId + " has not come so far within "
                        + patience.toSeconds() + " s; it is "
                        + api.migrations().getMigration(migrationId, 0, null).getState());
            }
            Migration last = followStream(migrationId, visitor, left);
            if (last != null) {
                return last;
            }
            Migration now = api.migrations().getMigration(migrationId, HOLD_SECONDS, WaitUntil.CHANGE);
            if (visitor.test(now) || hasEnded(now)) {
                return now;
            }
        }
    }

    /** Waits until the migration has been in the state, or for its end where that comes first. */
    public Migration awaitState(String migrationId, MigrationState state) throws ApiException {
        return follow(
                migrationId,
                migration -> migration.getHistory().stream().anyMatch(change -> change.getState() == state));
    }

    public Migration awaitEnd(String migrationId) throws ApiException {
        return follow(migrationId, migration -> false);
    }

    /** Returns null where the stream was cut before the visitor had seen enough. */
    private @Nullable Migration followStream(String migrationId, Predicate<Migration> visitor, Duration longest)
            throws ApiException {
        // The generated client asks for JSON only wherever a JSON type is among the answers.
        Request request = api.events()
                .streamMigrationEventsCall(migrationId, null, null)
                .request()
                .newBuilder()
                .header("Accept", "text/event-stream, application/problem+json")
                .build();
        Call call = api.http().newCall(request);
        call.timeout().timeout(longest.toNanos(), TimeUnit.NANOSECONDS);
        try (Response response = call.execute()) {
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
            return null; // the state is asked for anew
        }
    }

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

    /** What was waited for has not come. */
    public static final class ImpatienceException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ImpatienceException(String message) {
            super(message);
        }
    }
}
