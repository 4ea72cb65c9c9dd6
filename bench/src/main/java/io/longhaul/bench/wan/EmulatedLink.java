package io.longhaul.bench.wan;

import io.longhaul.bench.wan.Namespaces.Host;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** The link as bench/wan-emulator makes it. Thread safe: one command at a time. */
final class EmulatedLink implements WanLink {
    private static final Pattern COUNTER = Pattern.compile("(\\w+)=(\\d{1,19})");
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Process process;
    private final BufferedReader answers;
    private final OutputStream commands;

    private EmulatedLink(Process process) {
        this.process = process;
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        this.commands = process.getOutputStream();
    }

    static EmulatedLink open(Path emulator, Namespaces hosts, LinkProperties link) {
        List<String> command = List.of(
                emulator.toString(),
                Namespaces.LINK_DEVICE,
                hosts.name(Host.A),
                hosts.linkAddress(Host.A),
                hosts.name(Host.B),
                hosts.linkAddress(Host.B),
                number(link.oneWayMillis()),
                number(link.rateMegabits()),
                number(LinkProperties.QUEUE_MILLIS),
                number(link.lossPercent()));
        try {
            EmulatedLink emulated = new EmulatedLink(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
            emulated.answer();
            return emulated;
        } catch (IOException e) {
            throw new WanException("The link emulator " + emulator + " could not be started: " + e.getMessage(), e);
        }
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.6f", value);
    }

    @Override
    public String kind() {
        return "emulator";
    }

    @Override
    public void set(LinkProperties link) {
        command(String.join(
                " ",
                "set",
                number(link.oneWayMillis()),
                number(link.rateMegabits()),
                number(LinkProperties.QUEUE_MILLIS),
                number(link.lossPercent())));
    }

    @Override
    public void cut() {
        command("down");
    }

    @Override
    public void mend() {
        command("up");
    }

    @Override
    public void mark() {
        command("mark");
    }

    @Override
    public LinkCount count() {
        return parse(command("stat"));
    }

    static LinkCount parse(String answer) {
        Matcher matcher = COUNTER.matcher(answer);
        Map<String, Long> counters = matcher.results()
                .collect(Collectors.toMap(
                        found -> found.group(1), found -> Long.parseLong(found.group(2)), (first, second) -> second));
        long first = LongStream.of(
                        counters.getOrDefault("ab_first_nanos", 0L), counters.getOrDefault("ba_first_nanos", 0L))
                .filter(nanos -> nanos > 0)
                .min()
                .orElse(0);
        long forward = counters.getOrDefault("ab_bytes", 0L);
        return new LinkCount(forward + counters.getOrDefault("ba_bytes", 0L), forward, first);
    }

    private synchronized String command(String text) {
        try {
            commands.write((text + "\n").getBytes(StandardCharsets.US_ASCII));
            commands.flush();
            return answer();
        } catch (IOException e) {
            throw new WanException("The link emulator has ended: " + e.getMessage(), e);
        }
    }

    private String answer() throws IOException {
        String line = answers.readLine();
        if (line == null || line.startsWith("error")) {
            throw new WanException("The link emulator " + (line == null ? "has ended" : "answered: " + line));
        }
        return line;
    }

    /** It ends at the end of its input. */
    @Override
    public void close() {
        try {
            commands.close();
            if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
