package io.longhaul.hypervisor.qemu.qmp;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Lines of JSON to messages and back. Immutable. QMP writes names with hyphens, our records write them in camel case. */
final class QmpCodec {
    /** query-cpu-definitions answers with some hundred KiB; anything far beyond that is not QMP. */
    static final int LONGEST_LINE_BYTES = 8 << 20;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .changeDefaultPropertyInclusion(
                    ignored -> JsonInclude.Value.construct(JsonInclude.Include.NON_ABSENT, JsonInclude.Include.ALWAYS))
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private QmpCodec() {}

    static ByteBuffer command(String name, Object arguments, long id) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("execute", name);
        message.put("arguments", arguments);
        message.put("id", id);
        return ByteBuffer.wrap((MAPPER.writeValueAsString(message) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    static <T> T result(JsonNode node, Class<T> type) {
        return MAPPER.treeToValue(node, type);
    }

    static String text(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    static JsonNode empty() {
        return MAPPER.createObjectNode();
    }

    static JsonNode message(byte[] line, int length) throws IOException {
        try {
            return MAPPER.readTree(line, 0, length);
        } catch (JacksonException e) {
            throw new IOException("not JSON: " + new String(line, 0, Math.min(length, 200), StandardCharsets.UTF_8), e);
        }
    }

    /** Splits a stream into lines of bounded length. Owned by the thread that reads. */
    static final class Lines {
        private final InputStream input;
        private byte[] line = new byte[1 << 12];
        private final byte[] chunk = new byte[1 << 14];
        private int chunkPosition;
        private int chunkLength;

        Lines(InputStream input) {
            this.input = input;
        }

        /** The next message, or a missing node at the end of the stream. */
        JsonNode next() throws IOException {
            int length = 0;
            while (true) {
                if (chunkPosition == chunkLength && !fill()) {
                    return MAPPER.missingNode();
                }
                byte one = chunk[chunkPosition++];
                if (one == '\n') {
                    return message(line, length);
                }
                length = append(length, one);
            }
        }

        private boolean fill() throws IOException {
            chunkPosition = 0;
            chunkLength = Math.max(0, input.read(chunk));
            return chunkLength > 0;
        }

        private int append(int length, byte one) throws IOException {
            if (length == LONGEST_LINE_BYTES) {
                throw new IOException("a line longer than " + LONGEST_LINE_BYTES + " bytes");
            }
            if (length == line.length) {
                line = Arrays.copyOf(line, Math.min(LONGEST_LINE_BYTES, 2 * line.length));
            }
            line[length] = one;
            return length + 1;
        }
    }
}
