package io.longhaul.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.longhaul.agent.config.AgentProperties.NetworkProperties;
import jakarta.validation.constraints.NotNull;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** What the README says of the agent's settings is what they are. */
class ReadmeTest {
    private static final Path README = Path.of("../../README.md");
    private static final String PREFIX = "longhaul.agent.";
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    /** A key's default: the README's cell, and the words in code marks at the key's place in it. */
    private record Cell(String text, List<String> codes, int place) {
        String code() {
            return place < codes.size() ? codes.get(place) : "";
        }
    }

    @Test
    void everySettingStandsInTheReadmeWithItsDefault() throws IOException {
        Map<String, Cell> table = table(Files.readAllLines(README));
        for (RecordComponent setting : AgentProperties.class.getRecordComponents()) {
            String key = PREFIX + kebab(setting.getName());
            if (Map.class.isAssignableFrom(setting.getType())) {
                assertThat(table.keySet()).anyMatch(name -> name.startsWith(key + ".<name>"));
                continue;
            }
            assertThat(table).containsKey(key);
            Cell cell = table.getOrDefault(key, new Cell("", List.of(), 0));
            DefaultValue preset = annotation(setting, DefaultValue.class);
            if (preset != null) {
                assertThat(cell.code()).as("default of " + key).isEqualTo(preset.value()[0]);
            } else if (annotation(setting, NotNull.class) != null) {
                assertThat(cell.text()).as("default of " + key).isEqualTo("required");
            }
        }
        for (RecordComponent setting : NetworkProperties.class.getRecordComponents()) {
            assertThat(table).containsKey(PREFIX + "networks.<name>." + kebab(setting.getName()));
        }
    }

    @Test
    void theReadmeNamesNoSettingThatIsNotThere() throws IOException {
        List<String> known = new ArrayList<>();
        for (RecordComponent setting : AgentProperties.class.getRecordComponents()) {
            known.add(PREFIX + kebab(setting.getName()));
        }
        assertThat(table(Files.readAllLines(README)).keySet())
                .filteredOn(key -> key.startsWith(PREFIX))
                .allSatisfy(key -> assertThat(known).contains(key.replaceAll("\\.<name>.*", "")));
    }

    /** Key to default of the table whose head says "agent". A key that begins with a dot is beside the one before it. */
    private static Map<String, Cell> table(List<String> lines) {
        Map<String, Cell> table = new LinkedHashMap<>();
        int head = lines.indexOf("| agent | default | |");
        assertThat(head).as("the head of the agent's table").isNotNegative();
        for (String line : lines.subList(head + 2, lines.size())) {
            if (!line.startsWith("|")) {
                break;
            }
            String[] cells = line.split("\\|");
            String folder = "";
            int place = 0;
            for (String code : codes(cells[1])) {
                String key = code.startsWith(".") ? folder + code : code;
                folder = key.substring(0, key.lastIndexOf('.'));
                table.put(key, new Cell(cells[2].strip(), codes(cells[2]), place));
                place++;
            }
        }
        return table;
    }

    private static List<String> codes(String cell) {
        return CODE.matcher(cell)
                .results()
                .map(MatchResult::group)
                .map(code -> code.replace("`", ""))
                .toList();
    }

    /** What stands before a record's component is also on its constructor's parameter, where all of them are kept. */
    private static <A extends Annotation> @Nullable A annotation(RecordComponent setting, Class<A> type) {
        Class<?> owner = setting.getDeclaringRecord();
        List<String> names = Stream.of(owner.getRecordComponents())
                .map(RecordComponent::getName)
                .toList();
        Parameter[] parameters = owner.getDeclaredConstructors()[0].getParameters();
        return parameters[names.indexOf(setting.getName())].getAnnotation(type);
    }

    private static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
