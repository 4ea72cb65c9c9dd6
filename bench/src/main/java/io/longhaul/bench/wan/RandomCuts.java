package io.longhaul.bench.wan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicInteger;

/** Cuts the link some times during one move, at moments and for times drawn beforehand. A thread of its own does it. */
final class RandomCuts implements AutoCloseable {
    /** A move of the soak takes some seconds; a cut that comes later than that would hit nothing. */
    private static final int LATEST_START_MILLIS = 4_000;

    private final WanLink link;
    private final List<Cut> cuts;
    private final Thread thread;
    private final AtomicInteger made = new AtomicInteger();

    /** @param waitMillis since the cut before, or since the start */
    private record Cut(int waitMillis, int lengthMillis) {}

    private RandomCuts(WanLink link, List<Cut> cuts) {
        this.link = link;
        this.cuts = cuts;
        this.thread = new Thread(this::run, "cuts");
        thread.setDaemon(true);
        thread.start();
    }

    static RandomCuts start(WanLink link, SplittableRandom random, int most, Duration longest) {
        List<Cut> cuts = new ArrayList<>();
        int count = random.nextInt(most + 1);
        for (int i = 0; i < count; i++) {
            // Short ones are as hard on the protocol as long ones: most are short.
            double part = random.nextDouble();
            int length = (int) Math.max(1, part * part * longest.toMillis());
            cuts.add(new Cut(random.nextInt(LATEST_START_MILLIS), length));
        }
        return new RandomCuts(link, cuts);
    }

    private void run() {
        try {
            for (Cut cut : cuts) {
                Thread.sleep(cut.waitMillis());
                link.cut();
                try {
                    made.incrementAndGet();
                    Thread.sleep(cut.lengthMillis());
                } finally {
                    link.mend();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the move has ended
        }
    }

    /** Those that were made; the others would have come after the move. */
    String describe() {
        StringJoiner text = new StringJoiner(", ", "cuts ", "");
        for (Cut cut : cuts.subList(0, made.get())) {
            text.add("+" + cut.waitMillis() + " ms for " + cut.lengthMillis() + " ms");
        }
        return made.get() == 0 ? "no cut" : text.toString();
    }

    int made() {
        return made.get();
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
