package io.longhaul.engine.session;

import io.longhaul.engine.progress.Progress;
import java.util.Optional;

/** One side of a migration at one moment. Immutable. */
public record SideStatus(
        SidePhase phase, Progress progress, Optional<SideProblem> problem, Measurements measurements) {}
