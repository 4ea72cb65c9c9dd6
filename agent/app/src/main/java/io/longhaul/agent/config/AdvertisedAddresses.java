package io.longhaul.agent.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where others reach this agent. Immutable.
 *
 * @param url where it takes commands, as configured; the address it listens on where absent
 * @param commandHost the host in that address
 * @param transferHost the host of its transfer address
 */
public record AdvertisedAddresses(Optional<URI> url, String commandHost, String transferHost) {

    /**
     * Chooses what to advertise.
     *
     * @param serverAddress the configured {@code server.address}; every address where absent
     * @throws StartRefusedException where it listens on every address, so that nobody could tell which to use
     */
    public static AdvertisedAddresses of(AgentSettings settings, @Nullable String serverAddress) {
        Optional<URI> url = settings.advertiseUrl();
        url.filter(one -> one.getHost() == null).ifPresent(one -> {
            throw new StartRefusedException("longhaul.agent.advertise-url is " + one
                    + "; expected an address with a host, such as https://192.0.2.1:7070. Correct it.");
        });
        String commandHost = url.map(URI::getHost).orElseGet(() -> listening(serverAddress));
        String transferHost = settings.transferAdvertisedHost()
                .or(() -> transferListening(settings.transferAddress()))
                .or(() -> url.map(URI::getHost))
                .orElseThrow(() -> wildcard("longhaul.agent.transfer-address", "every address"));
        return new AdvertisedAddresses(url, commandHost, unbracketed(transferHost));
    }

    /**
     * The address that the control plane and other agents use.
     *
     * @param port the one it listens on
     */
    public String commandUrl(int port) {
        return url.map(URI::toString)
                .orElseGet(() ->
                        "https://" + (commandHost.contains(":") ? "[" + commandHost + "]" : commandHost) + ":" + port);
    }

    private static String listening(@Nullable String serverAddress) {
        if (serverAddress == null || serverAddress.isBlank()) {
            throw wildcard("server.address", "not set, which is every address");
        }
        String host = unbracketed(serverAddress.strip());
        try {
            if (InetAddress.getByName(host).isAnyLocalAddress()) {
                throw wildcard("server.address", host + ", which is every address");
            }
        } catch (UnknownHostException e) {
            throw new StartRefusedException(
                    "server.address is " + host
                            + ", which names no address on this host; expected one of this host's own. Correct it.",
                    e);
        }
        return host;
    }

    private static Optional<String> transferListening(InetSocketAddress address) {
        if (address.getAddress() == null || address.getAddress().isAnyLocalAddress()) {
            return Optional.empty();
        }
        return Optional.of(address.getHostString());
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    private static StartRefusedException wildcard(String key, String seen) {
        return new StartRefusedException(key + " is " + seen + "; others need one address to reach this agent at. Set "
                + "longhaul.agent.advertise-url, such as https://192.0.2.1:7070, or listen on one address.");
    }
}
