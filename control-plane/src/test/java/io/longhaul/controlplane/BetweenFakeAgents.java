package io.longhaul.controlplane;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** One control plane for the class, and for each test a fake agent of host-a and one of host-b. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BetweenFakeAgents {

    private final String[] settings;

    RunningControlPlane controlPlane;
    FakeAgent source;
    FakeAgent destination;

    /** @param settings of the control plane, "key=value" each */
    BetweenFakeAgents(String... settings) {
        this.settings = settings;
    }

    @BeforeAll
    void start(@TempDir Path folder) {
        controlPlane = new RunningControlPlane(folder, settings);
    }

    @AfterAll
    void stop() {
        controlPlane.close();
    }

    @BeforeEach
    void agents() {
        source = new FakeAgent("host-a", controlPlane);
        destination = new FakeAgent("host-b", controlPlane);
    }

    @AfterEach
    void closeAgents() {
        source.close();
        destination.close();
    }
}
