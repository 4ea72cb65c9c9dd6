package io.longhaul.engine.session;

/** The secret of one migration, which the two agents prove to each other on each connection. Never logged. */
public record SessionToken(String base64) {

    @Override
    public String toString() {
        return "SessionToken[hidden]";
    }
}
