package io.longhaul.hypervisor.qemu;

/** How QEMU runs the guest's instructions. */
public enum Accelerator {
    /** By the processor itself. */
    KVM("kvm"),
    /** By translating them; works everywhere, slowly. */
    TCG("tcg");

    private final String option;

    Accelerator(String option) {
        this.option = option;
    }

    String option() {
        return option;
    }
}
