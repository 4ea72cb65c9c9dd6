package io.longhaul.engine.session;

import io.longhaul.engine.hypervisor.GuestEvents;

/** Takes what a hypervisor tells and does nothing about it; a side that cares overrides what it cares for. */
sealed class IgnoredEvents implements GuestEvents permits OutgoingSide.SourceEvents, IncomingSide.DestinationEvents {
    static final IgnoredEvents INSTANCE = new IgnoredEvents();

    IgnoredEvents() {}

    @Override
    public void switchoverReady() {}

    @Override
    public void memorySent() {}

    @Override
    public void memoryLoaded() {}

    @Override
    public void memoryFailed(String reason) {}

    @Override
    public void mirrorFailed(String disk, String reason) {}

    @Override
    public void guestGone(String reason) {}
}
