package io.longhaul.agent.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class JsonFolderTest {
    @TempDir
    Path folder;

    @Test
    void readsBackWhatWasWritten() {
        open().put("one", new Value("first", 1));
        open().put("one", new Value("second", 2));
        assertThat(open().get("one")).hasValue(new Value("second", 2));
        assertThat(open().all()).containsExactly(new Value("second", 2));
        open().remove("one");
        open().remove("one");
        assertThat(open().get("one")).isEmpty();
    }

    @Test
    void ignoresAndRemovesAWriteThatWasCutOff() throws IOException {
        open().put("one", new Value("whole", 1));
        Path unfinished = Files.writeString(folder.resolve("values/one.json.unfinished"), "{\"name\":\"ha");
        assertThat(open().get("one")).hasValue(new Value("whole", 1));
        assertThat(unfinished).doesNotExist();
    }

    @Test
    void aWriteThatFailsLeavesTheOldValue() throws IOException {
        JsonFolder<Value> values = open();
        values.put("one", new Value("old", 1));
        Files.createDirectory(folder.resolve("values/one.json.unfinished"));
        assertThatThrownBy(() -> values.put("one", new Value("new", 2))).isInstanceOf(UncheckedIOException.class);
        assertThat(values.get("one")).hasValue(new Value("old", 1));
        Files.delete(folder.resolve("values/one.json.unfinished"));
        assertThat(open().get("one")).hasValue(new Value("old", 1));
    }

    @Test
    void refusesToStartWithAFileItDidNotWrite() throws IOException {
        Files.createDirectories(folder.resolve("values"));
        Files.writeString(folder.resolve("values/one.json"), "{");
        assertThatThrownBy(this::open).hasMessageContaining("one.json");
    }

    @Test
    void refusesKeysThatWouldLeaveTheFolder() {
        assertThatIllegalArgumentException().isThrownBy(() -> open().put("../one", new Value("x", 1)));
    }

    private JsonFolder<Value> open() {
        return new JsonFolder<>(folder.resolve("values"), Value.class, JsonMapper.shared());
    }

    record Value(String name, int number) {}
}
