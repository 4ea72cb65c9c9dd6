package io.longhaul.agent.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Values by key, each in a JSON file of its own. Thread safe. What a returned call wrote has reached the disk; a value
 * is seen by readers only after that.
 */
public final class JsonFolder<T> {
    /** Keys become file names. */
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9-]{1,64}");

    private static final String SUFFIX = ".json";

    private final Path folder;
    private final Class<T> type;
    private final JsonMapper mapper;
    private final ConcurrentHashMap<String, T> values = new ConcurrentHashMap<>();

    /** Reads the folder, which is made where it is missing; a file that cannot be read stops the start. */
    public JsonFolder(Path folder, Class<T> type, JsonMapper mapper) {
        this.folder = folder;
        this.type = type;
        this.mapper = mapper;
        try {
            Files.createDirectories(folder);
            load();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the folder " + folder + ": " + e.getMessage(), e);
        }
    }

    private void load() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith(DurableFiles.UNFINISHED_SUFFIX)) {
                    Files.deleteIfExists(file);
                } else if (name.endsWith(SUFFIX)) {
                    values.put(name.substring(0, name.length() - SUFFIX.length()), read(file));
                }
            }
        }
    }

    private T read(Path file) throws IOException {
        try {
            return mapper.readValue(Files.readAllBytes(file), type);
        } catch (JacksonException e) {
            throw new IOException("the file " + file + " is not what this agent writes; move it away or restore it", e);
        }
    }

    public Optional<T> get(String key) {
        return Optional.ofNullable(values.get(key));
    }

    public List<T> all() {
        return List.copyOf(values.values());
    }

    public synchronized void put(String key, T value) {
        try {
            DurableFiles.write(
                    file(key), mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(value));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file(key) + ": " + e.getMessage(), e);
        }
        values.put(key, value);
    }

    /** Idempotent. */
    public synchronized void remove(String key) {
        try {
            DurableFiles.delete(file(key));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot remove " + file(key) + ": " + e.getMessage(), e);
        }
        values.remove(key);
    }

    private Path file(String key) {
        if (!KEY.matcher(key).matches()) {
            throw new IllegalArgumentException("Not a key: " + key);
        }
        return folder.resolve(key + SUFFIX);
    }
}
