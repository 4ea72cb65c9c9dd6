package io.longhaul.controlplane.request;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.longhaul.api.model.ChangeMigration;
import io.longhaul.api.model.PolicyChange;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tells a null in a change apart from a field that is absent, which the generated classes cannot: a cap of null is read
 * as 0, which takes the cap away, and any other null is refused. Immutable.
 */
@Component
class ChangeNulls implements JsonMapperBuilderCustomizer {

    @Override
    public void customize(JsonMapper.Builder builder) {
        builder.addMixIn(PolicyChange.class, OfPolicy.class).addMixIn(ChangeMigration.class, OfMigration.class);
    }

    /** Only its annotations count. */
    private interface OfPolicy {
        @JsonSetter(nulls = Nulls.AS_EMPTY)
        void setMaxBytesPerSecond(@Nullable Long value);

        @JsonSetter(nulls = Nulls.FAIL)
        void setDowntimeLimitMillis(@Nullable Integer value);
    }

    /** Only its annotations count. */
    private interface OfMigration {
        @JsonSetter(nulls = Nulls.FAIL)
        void setPriority(@Nullable Integer value);
    }
}
