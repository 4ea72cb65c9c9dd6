package io.longhaul.engine.storage;

import io.longhaul.engine.transport.Frame;
import io.longhaul.engine.transport.FrameReceiver;
import java.util.function.Consumer;

/** Takes at the source what the destination tells of a disk. Called on the link's reading threads. */
final class SeedReceiver implements FrameReceiver {
    private final ToldContent told;
    private final Consumer<StorageException> onFailure;

    SeedReceiver(ToldContent told, Consumer<StorageException> onFailure) {
        this.told = told;
        this.onFailure = onFailure;
    }

    @Override
    public void onFrame(long number, Frame frame, Runnable consumed) {
        try {
            SeedFrames.check(number, frame);
            take(frame, consumed);
        } catch (StorageException e) {
            onFailure.accept(e);
        }
    }

    private void take(Frame frame, Runnable consumed) throws StorageException {
        int regions = told.regionCount();
        int first = (int) Math.min(frame.position(), regions);
        int end = (int) Math.min(frame.position() + frame.extent(), regions);
        switch (frame.kind()) {
            case SeedFrames.DIGESTS -> {
                if (told.tellDigests(first, end - first, frame.payload(), consumed)) {
                    return;
                }
            }
            case SeedFrames.BLANK -> told.tellBlank(first, end);
            default -> told.tellEnd();
        }
        consumed.run();
    }
}
