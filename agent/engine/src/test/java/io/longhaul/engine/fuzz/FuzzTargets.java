package io.longhaul.engine.fuzz;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The targets in this module's test classes. Stateless. */
public final class FuzzTargets {
    private static final String SUFFIX = "Fuzz.class";

    private FuzzTargets() {}

    /** Writes the seeds of each target into a folder of its name: {@code ./bench/fuzz} begins with these. */
    public static void main(String[] arguments) throws IOException {
        for (Class<?> target : all()) {
            Path folder = Files.createDirectories(Path.of(arguments[0]).resolve(target.getSimpleName()));
            List<byte[]> seeds = seeds(target);
            for (int i = 0; i < seeds.size(); i++) {
                Files.write(folder.resolve("seed-" + i), seeds.get(i));
            }
            System.out.println(target.getName());
        }
    }

    static List<Class<?>> all() throws IOException {
        Path classes = folderOf(FuzzTargets.class);
        try (Stream<Path> files = Files.walk(classes)) {
            return files.filter(file -> file.getFileName().toString().endsWith(SUFFIX))
                    .map(file -> classes.relativize(file).toString())
                    .map(name ->
                            name.substring(0, name.length() - ".class".length()).replace('/', '.'))
                    .sorted()
                    .<Class<?>>map(FuzzTargets::load)
                    .toList();
        }
    }

    private static Path folderOf(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    @SuppressWarnings("unchecked") // what the contract says
    static List<byte[]> seeds(Class<?> target) {
        return (List<byte[]>) call(target, "seeds", new Class<?>[0]);
    }

    /** Throws what the target threw. */
    static void run(Class<?> target, byte[] input) {
        call(target, "fuzzerTestOneInput", new Class<?>[] {byte[].class}, (Object) input);
    }

    private static Object call(Class<?> target, String name, Class<?>[] types, Object... arguments) {
        try {
            return target.getMethod(name, types).invoke(null, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new AssertionError(target.getSimpleName() + "." + name + " threw " + e.getCause(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(target.getName() + " is no target: see the package's description", e);
        }
    }
}
