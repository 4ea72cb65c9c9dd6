package io.longhaul.hypervisor.qemu;

import io.longhaul.engine.hypervisor.HypervisorException;
import io.longhaul.engine.hypervisor.HypervisorException.Code;
import io.longhaul.hypervisor.qemu.qmp.QmpException;
import java.util.Locale;

/** What QEMU and its tools say, as the one exception of the ports. Pure. */
final class QemuErrors {
    private QemuErrors() {}

    static HypervisorException of(QmpException error) {
        return new HypervisorException(code(error), String.valueOf(error.getMessage()), error);
    }

    private static Code code(QmpException error) {
        return switch (error.kind()) {
            case CLOSED -> Code.GUEST_GONE;
            case TIMED_OUT -> Code.TIMED_OUT;
            case REFUSED -> codeOf(error.description(), Code.COMMAND_FAILED);
        };
    }

    /** The one failure that is told apart by its words, as QEMU has no code for it. */
    static Code codeOf(String words, Code otherwise) {
        String lower = words.toLowerCase(Locale.ROOT);
        boolean full = lower.contains("no space left") || lower.contains("disk quota exceeded");
        return full ? Code.NO_SPACE : otherwise;
    }
}
