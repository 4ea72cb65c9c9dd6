package io.longhaul.controlplane.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AnnotationTypeFilter;

/** The README's table and the properties classes name the same keys with the same defaults. */
class ReadmeTest {

    private static final Pattern QUOTED = Pattern.compile("`([^`]*)`");

    @Test
    void theTableHasEveryKeyWithItsDefaultAndNoOther() throws IOException, ClassNotFoundException {
        Map<String, String> inTheClasses = inTheClasses();
        assertThat(inTheClasses).containsEntry("longhaul.scheduling.max-running", "8");
        assertThat(inTheTable(Files.readAllLines(Path.of("../README.md")))).isEqualTo(inTheClasses);
    }

    /** Rows such as: | `longhaul.api.max-body`, `.max-report` | `1MB`, `16MB` | what for | */
    private static Map<String, String> inTheTable(List<String> lines) {
        Map<String, String> found = new TreeMap<>();
        for (String line : lines) {
            if (!line.startsWith("| `longhaul.") || line.startsWith("| `longhaul.agent.")) {
                continue;
            }
            String[] cells = line.split("\\|");
            List<String> keys = quoted(cells[1]);
            List<String> defaults = quoted(cells[2]);
            assertThat(defaults).as(line).hasSameSizeAs(keys);
            String prefix = keys.get(0).substring(0, keys.get(0).lastIndexOf('.'));
            for (int i = 0; i < keys.size(); i++) {
                String key = keys.get(i);
                found.put(key.startsWith(".") ? prefix + key : key, defaults.get(i));
            }
        }
        return found;
    }

    private static List<String> quoted(String cell) {
        return QUOTED.matcher(cell).results().map(match -> match.group(1)).toList();
    }

    private static Map<String, String> inTheClasses() throws ClassNotFoundException {
        ClassPathScanningCandidateComponentProvider scanner = new ClassPathScanningCandidateComponentProvider(false);
        scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
        Map<String, String> found = new TreeMap<>();
        for (var candidate : scanner.findCandidateComponents("io.longhaul.controlplane")) {
            Class<?> type = Class.forName(candidate.getBeanClassName());
            String prefix = type.getAnnotation(ConfigurationProperties.class).value();
            for (RecordComponent component : type.getRecordComponents()) {
                found.put(prefix + "." + DataObjectPropertyName.toDashedForm(component.getName()), standard(component));
            }
        }
        return found;
    }

    /** The annotation is kept on the constructor's parameter, not on the component. */
    private static String standard(RecordComponent component) {
        Class<?> type = component.getDeclaringRecord();
        RecordComponent[] all = type.getRecordComponents();
        for (int i = 0; i < all.length; i++) {
            if (all[i].getName().equals(component.getName())) {
                var parameter = type.getDeclaredConstructors()[0].getParameters()[i];
                return String.join(
                        ",",
                        Objects.requireNonNull(parameter.getAnnotation(DefaultValue.class), component::toString)
                                .value());
            }
        }
        throw new IllegalStateException(component.toString());
    }
}
