package io.longhaul.bench.tour;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;

/**
 * The command line of {@code ./run}; its help is in that script. Immutable.
 *
 * @param dataFolder empty for the checkout's own, which is emptied at each start
 * @param patience how long the move may take
 * @param columns width of the terminal that the view goes to; 0 where it goes to none
 */
record TourOptions(
        Path checkout,
        boolean once,
        boolean json,
        Optional<Path> dataFolder,
        int port,
        int reportPort,
        List<Integer> agentPorts,
        List<Integer> transferPorts,
        Duration patience,
        int columns) {
    private static final int HIGHEST_PORT = 65_535;
    private static final int NARROWEST_TERMINAL = 40;

    static TourOptions parse(String... arguments) {
        Parser parser = new Parser();
        ArrayDeque<String> left = new ArrayDeque<>(List.of(arguments));
        while (!left.isEmpty()) {
            parser.take(left.pop(), left);
        }
        return parser.options();
    }

    Path folder() {
        return dataFolder.orElse(checkout.resolve(".longhaul")).toAbsolutePath().normalize();
    }

    /** The arguments cannot be used; the message says which and why. */
    static final class UsageException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }

    /** Owned by the thread that parses. */
    private static final class Parser {
        private Path checkout = Path.of("").toAbsolutePath();
        private boolean once;
        private boolean json;
        private Optional<Path> dataFolder = Optional.empty();
        private int port = 8080;
        private int reportPort = 8443;
        private List<Integer> agentPorts = List.of(7071, 7072);
        private List<Integer> transferPorts = List.of(0, 0);
        private Duration patience = Duration.ofMinutes(15);
        private int columns;

        void take(String name, ArrayDeque<String> left) {
            switch (name) {
                case "--once" -> once = true;
                case "--json" -> json = true;
                case "--data" -> dataFolder = Optional.of(Path.of(value(name, left)));
                case "--port" -> port = port(name, value(name, left), 1);
                case "--report-port" -> reportPort = port(name, value(name, left), 1);
                case "--agent-ports" -> agentPorts = ports(name, value(name, left), 1);
                case "--transfer-ports" -> transferPorts = ports(name, value(name, left), 0);
                case "--patience" -> patience = Duration.ofSeconds(number(name, value(name, left), 1, 1_000_000));
                case "--checkout" -> checkout = Path.of(value(name, left)).toAbsolutePath();
                case "--columns" -> columns = number(name, value(name, left), 0, 10_000);
                default -> throw new UsageException(name + " is no option; ./run --help lists them");
            }
        }

        TourOptions options() {
            int usable = columns == 0 ? 0 : Math.max(columns, NARROWEST_TERMINAL);
            return new TourOptions(
                    checkout, once, json, dataFolder, port, reportPort, agentPorts, transferPorts, patience, usable);
        }

        private static String value(String name, ArrayDeque<String> left) {
            String value = left.poll();
            if (value == null || value.isEmpty()) {
                throw new UsageException(name + " needs a value");
            }
            return value;
        }

        private static List<Integer> ports(String name, String value, int lowest) {
            String[] both = value.split(",", -1);
            if (both.length != 2) {
                throw new UsageException(name + " " + value + ": expected two ports, A,B, for host-a and host-b");
            }
            return List.of(port(name, both[0], lowest), port(name, both[1], lowest));
        }

        private static int port(String name, String value, int lowest) {
            return number(name, value, lowest, HIGHEST_PORT);
        }

        private static int number(String name, String value, int lowest, int highest) {
            try {
                int number = Integer.parseInt(value);
                if (number >= lowest && number <= highest) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // Not a number of any size: the same words fit.
            }
            throw new UsageException(name + " " + value + ": expected a number, " + lowest + " to " + highest);
        }
    }
}
