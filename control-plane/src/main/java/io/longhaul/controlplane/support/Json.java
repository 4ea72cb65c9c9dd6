package io.longhaul.controlplane.support;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON as it is stored and as agents answer it: unknown fields are passed over, so that a newer agent or an older row can
 * be read. Equal values give equal text. Immutable.
 */
@Component
public class Json {

    private final JsonMapper mapper = JsonMapper.builder()
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(tools.jackson.databind.SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    public String write(Object value) {
        return mapper.writeValueAsString(value);
    }

    public @Nullable String writeOrNull(@Nullable Object value) {
        return value == null ? null : write(value);
    }

    /** @throws JacksonException where the text is not such a value */
    public <T> T read(String text, Class<T> type) {
        return mapper.readValue(text, type);
    }

    public <T> @Nullable T readOrNull(@Nullable String text, Class<T> type) {
        return text == null ? null : read(text, type);
    }

    /** A copy that shares nothing with the value. */
    @SuppressWarnings("unchecked") // The class of a T is a Class of T.
    public <T> T copy(T value) {
        return (T) read(write(value), value.getClass());
    }
}
