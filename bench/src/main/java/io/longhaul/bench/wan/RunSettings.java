package io.longhaul.bench.wan;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a result was measured with and on. Stateless. */
final class RunSettings {
    private RunSettings() {}

    /** Of the moment, when the benchmark has just run. */
    static Map<String, Object> of(WanOptions options, String linkKind) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("workload", options.workload().label());
        settings.put("rttMillis", options.link().roundTripMillis());
        settings.put("rateMegabits", options.link().rateMegabits());
        settings.put("lossPercent", options.link().lossPercent());
        settings.put("queueMillis", LinkProperties.QUEUE_MILLIS);
        settings.put("link", linkKind);
        settings.put("runs", options.runs());
        settings.put("memoryMebibytes", options.memoryMebibytes());
        settings.put("diskMebibytes", options.diskMebibytes());
        settings.put("ballastBytes", options.workload().ballastBytes());
        settings.put("native", options.nativeMode().label());
        settings.put(
                "connections",
                options.connections().isPresent() ? options.connections().getAsInt() : "default");
        settings.put("deadlineSeconds", options.deadline().toSeconds());
        settings.put("cut", options.extras().cut().map(LinkCut::label).orElse("none"));
        options.extras().rateCapBytes().ifPresent(bytes -> settings.put("rateCapBytes", bytes));
        options.extras().diskBytes().ifPresent(bytes -> settings.put("diskBytes", bytes));
        settings.put("endedAt", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        settings.put("commit", commit(options.checkout()));
        settings.put("qemu", firstLine(List.of("qemu-system-x86_64", "--version")));
        settings.put("kernel", System.getProperty("os.version"));
        settings.put("cores", Runtime.getRuntime().availableProcessors());
        // What native uses; our own connections ask for bbr.
        settings.put("systemCongestionControl", congestionControl());
        settings.put(
                "loadAverageAtEnd",
                Math.round(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage() * 100) / 100.0);
        return settings;
    }

    private static String commit(Path checkout) {
        return firstLine(List.of("git", "-C", checkout.toString(), "describe", "--always", "--dirty", "--abbrev=9"));
    }

    private static String firstLine(List<String> command) {
        Commands.Outcome outcome = Commands.attempt(command);
        return outcome.status() == 0 ? outcome.output().lines().findFirst().orElse("") : "unknown";
    }

    private static String congestionControl() {
        try {
            return Files.readString(Path.of("/proc/sys/net/ipv4/tcp_congestion_control"))
                    .strip();
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** Of the files with the result: the same for the same question, so that a new answer replaces the old one. */
    static String name(WanOptions options) {
        LinkProperties link = options.link();
        String name = "wan-" + options.workload().label() + "-" + number(link.roundTripMillis()) + "ms";
        if (link.rateMegabits() != 1000) {
            name += "-" + number(link.rateMegabits()) + "mbit";
        }
        if (link.lossPercent() > 0) {
            name += "-loss" + number(link.lossPercent());
        }
        if (options.linkKind() == WanOptions.LinkKind.DIRECT) {
            name = "wan-" + options.workload().label() + "-direct";
        }
        WanOptions.Extras extras = options.extras();
        name += extras.cut().map(cut -> "-" + cut.label()).orElse("");
        name += extras.rateCapBytes().isPresent()
                ? "-cap" + extras.rateCapBytes().getAsLong()
                : "";
        name += extras.diskBytes().isPresent() ? "-disk" + extras.diskBytes().getAsLong() : "";
        return name + "-" + options.nativeMode().label();
    }

    static String title(WanOptions options) {
        LinkProperties link = options.link();
        return options.workload().label() + ", " + number(link.roundTripMillis()) + " ms, "
                + (link.rateMegabits() > 0 ? number(link.rateMegabits()) + " Mbit/s" : "no limit") + ", "
                + number(link.lossPercent()) + " % loss; native: "
                + options.nativeMode().label();
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : String.format(Locale.ROOT, "%s", value);
    }
}
