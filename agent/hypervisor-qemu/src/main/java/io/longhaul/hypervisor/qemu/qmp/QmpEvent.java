package io.longhaul.hypervisor.qemu.qmp;

import tools.jackson.databind.JsonNode;

/**
 * What QEMU tells unasked.
 *
 * @param name in QEMU's words, for example {@code MIGRATION}
 * @param data empty where the event has none
 */
public record QmpEvent(String name, JsonNode data) {

    /** A member of the event's data as text, or an empty text. */
    public String text(String member) {
        return data.path(member).asString("");
    }
}
