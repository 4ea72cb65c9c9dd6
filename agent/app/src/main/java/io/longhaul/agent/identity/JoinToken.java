package io.longhaul.agent.identity;

import java.security.GeneralSecurityException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * By which this host may join. Immutable.
 *
 * @param text what the control plane is given
 * @param fingerprint SHA-256 of the certificate of the authority that the control plane must be of
 */
record JoinToken(String text, String fingerprint) {
    private static final Pattern FORM = Pattern.compile("lh1\\.[A-Za-z0-9_-]{20,100}\\.([0-9a-f]{64})");

    static JoinToken parse(String text) throws GeneralSecurityException {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            throw new GeneralSecurityException(
                    "the join token is not of the form lh1.<secret>.<fingerprint>; make one at the control plane");
        }
        return new JoinToken(text.strip(), matcher.group(1));
    }

    /** A token in a log is a token lost. */
    @Override
    public String toString() {
        return "JoinToken[for " + fingerprint + "]";
    }
}
