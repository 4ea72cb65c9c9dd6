package io.longhaul.bench.wan;

import io.longhaul.bench.wan.Namespaces.Host;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Sees whether the link is what was asked for, as TCP finds it. Owned by the benchmark's thread. */
final class SelfTest {
    private static final double TOLERANCE = 0.1;

    /** What a round trip takes on no link at all, two processes woken up included. */
    private static final double WAKING_MILLIS = 1;

    /** Of 1,500 bytes 52 are headers of IP and TCP. */
    private static final double PAYLOAD_PART = 1448.0 / 1500;

    private final Namespaces hosts;
    private final Consumer<String> say;

    SelfTest(Namespaces hosts, Consumer<String> say) {
        this.hosts = hosts;
        this.say = say;
    }

    /** Returns whether round trip and rate are within 10 %. */
    boolean passes(LinkProperties link) {
        try {
            Process server = new ProcessBuilder(probe(Host.A, "server"))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (BufferedReader output =
                    new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.US_ASCII))) {
                if (!"listening".equals(output.readLine())) {
                    throw new WanException("The probe's server does not start");
                }
                String[] seen = Commands.run(probe(Host.B, "client")).strip().split(" ");
                return judge(link, Double.parseDouble(seen[0]), Double.parseDouble(seen[1]));
            } finally {
                server.destroyForcibly();
            }
        } catch (IOException e) {
            throw new WanException("The probe could not be started: " + e.getMessage(), e);
        }
    }

    private List<String> probe(Host host, String role) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classPath = System.getProperty("java.class.path");
        return hosts.commandInside(
                host,
                List.of(java, "-Xmx64m", "-cp", classPath, LinkProbe.class.getName(), role, hosts.linkAddress(Host.A)));
    }

    private boolean judge(LinkProperties link, double roundTripMillis, double megabits) {
        double expected = link.rateMegabits() * PAYLOAD_PART;
        boolean roundTripGood = Math.abs(roundTripMillis - link.roundTripMillis())
                <= link.roundTripMillis() * TOLERANCE + WAKING_MILLIS;
        boolean rateGood = link.rateMegabits() == 0 || Math.abs(megabits - expected) <= expected * TOLERANCE;
        say.accept(String.format(
                Locale.ROOT,
                "round trip %.1f ms of %.1f: %s; rate %.0f Mbit/s of %.0f: %s",
                roundTripMillis,
                link.roundTripMillis(),
                roundTripGood ? "good" : "BAD",
                megabits,
                expected,
                rateGood ? "good" : "BAD"));
        return roundTripGood && rateGood;
    }
}
