package io.longhaul.canary;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;

/** Is handed things behind its constructor's back. */
public final class InjectedFields {

    @Autowired
    @Nullable
    Runnable autowired;

    @Value("value")
    @Nullable
    String value;
}
