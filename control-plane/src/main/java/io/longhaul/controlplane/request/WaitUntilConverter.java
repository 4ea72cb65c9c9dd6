package io.longhaul.controlplane.request;

import io.longhaul.api.model.WaitUntil;
import org.springframework.core.convert.converter.Converter;
import org.springframework.stereotype.Component;

/** Reads the parameter `until`, whose values are not the names of the constants. Immutable. */
@Component
class WaitUntilConverter implements Converter<String, WaitUntil> {

    @Override
    public WaitUntil convert(String text) {
        return WaitUntil.fromValue(text);
    }
}
