package io.longhaul.canary.controlplane.planning;

import org.springframework.context.ApplicationContext;

/** A pure stage that asks the framework. */
public interface KnowsSpring {

    ApplicationContext context();
}
