package io.longhaul.agent.problems;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longhaul.api.agent.model.PutOutgoing;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

class NoNullsWithinTest {

    @Test
    void aNullInAListIsRefusedWithItsPlace() {
        JsonMapper.Builder builder = JsonMapper.builder();
        new NoNullsWithin().customize(builder);
        JsonMapper mapper = builder.build();
        assertThatThrownBy(() -> mapper.readValue("{\"blankDisks\": [null]}", PutOutgoing.class))
                .isInstanceOf(JacksonException.class)
                .hasMessageContaining("blankDisks");
    }
}
