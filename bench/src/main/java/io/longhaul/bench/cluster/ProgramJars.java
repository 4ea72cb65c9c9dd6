package io.longhaul.bench.cluster;

import java.nio.file.Files;
import java.nio.file.Path;

/** The programs of a checkout, as built. Immutable. */
public record ProgramJars(Path controlPlane, Path agent) {

    public static ProgramJars ofCheckout(Path checkout) {
        Path root = checkout.toAbsolutePath().normalize();
        return new ProgramJars(
                built(root.resolve("control-plane/target/longhaul-control-plane-boot.jar")),
                built(root.resolve("agent/app/target/longhaul-agent-boot.jar")));
    }

    private static Path built(Path jar) {
        if (!Files.isRegularFile(jar)) {
            throw new ClusterException(jar + " is not there: build it with `mvn package`, or start ./run, which does");
        }
        return jar;
    }
}
