package io.longhaul.engine.session;

/**
 * Who may be at the other end of a migration's link. Immutable.
 *
 * @param hostName whose certificate it must have, where links are protected
 * @param token what it must know besides
 */
public record ExpectedPeer(String hostName, SessionToken token) {}
