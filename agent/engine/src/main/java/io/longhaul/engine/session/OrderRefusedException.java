package io.longhaul.engine.session;

/** An order whose id was used for another order, or was closed before the order came. */
public final class OrderRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    public OrderRefusedException(String message) {
        super(message);
    }
}
