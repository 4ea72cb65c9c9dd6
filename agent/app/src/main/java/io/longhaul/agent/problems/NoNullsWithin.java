package io.longhaul.agent.problems;

import com.fasterxml.jackson.annotation.Nulls;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** No list or map that the agent reads has a null in it: one is refused where it is read, with its place. Immutable. */
@Component
class NoNullsWithin implements JsonMapperBuilderCustomizer {

    @Override
    public void customize(JsonMapper.Builder builder) {
        builder.changeDefaultNullHandling(defaults -> defaults.withContentNulls(Nulls.FAIL));
    }
}
