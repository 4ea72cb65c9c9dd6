package io.longhaul.hypervisor.qemu.qmp;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * One connection to one QMP socket. Thread safe. A reader thread matches answers to commands by their ids and hands
 * events to a second thread, which delivers them in order to the listener.
 */
public final class QmpConnection implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(QmpConnection.class);

    /** QEMU sends tens of events a second at most; a listener this far behind is stuck, and losing one would be worse. */
    private static final int MOST_EVENTS_WAITING = 10_000;

    private static final Map<String, Object> NO_ARGUMENTS = Map.of();

    private final SocketChannel channel;
    private final QmpListener listener;
    private final Duration commandDeadline;
    private final BlockingQueue<Runnable> deliveries = new ArrayBlockingQueue<>(MOST_EVENTS_WAITING);
    private final Map<Long, CompletableFuture<JsonNode>> pending = new ConcurrentHashMap<>();
    private final CompletableFuture<JsonNode> greeting = new CompletableFuture<>();
    private final AtomicLong nextId = new AtomicLong();
    private final AtomicBoolean closedHere = new AtomicBoolean();
    private final Object writeLock = new Object();
    private volatile String ended = "";

    private QmpConnection(SocketChannel channel, QmpListener listener, Duration commandDeadline) {
        this.channel = channel;
        this.listener = listener;
        this.commandDeadline = commandDeadline;
    }

    /**
     * Connects and negotiates. The reader thread connects: QEMU has a queue of one for those whom it does not serve yet, in
     * front of which the kernel keeps others waiting for ever.
     *
     * @param commandDeadline how long a command may take where no other deadline is named; connecting and the greeting
     *     together, too
     * @param threads makes the two threads
     * @param listener hears nothing of a connection that this does not return
     * @throws IOException where nobody listens, or who listens does not speak QMP, or serves another client
     */
    public static QmpConnection connect(
            Path socket, Duration commandDeadline, ThreadFactory threads, QmpListener listener) throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(socket);
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        QmpConnection connection = new QmpConnection(channel, listener, commandDeadline);
        boolean usable = false;
        try {
            threads.newThread(() -> connection.read(address)).start();
            connection.negotiate();
            threads.newThread(connection::deliver).start();
            usable = true;
            return connection;
        } finally {
            if (!usable) {
                connection.close();
            }
        }
    }

    private void negotiate() throws IOException {
        try {
            JsonNode first = await("greeting", greeting, commandDeadline);
            if (!first.has("QMP")) {
                throw new IOException("expected QMP's greeting, got " + first);
            }
            execute("qmp_capabilities", NO_ARGUMENTS);
        } catch (QmpException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** A message as QMP writes it, for QEMU's command line takes the same. */
    public static String json(Object message) {
        return QmpCodec.text(message);
    }

    /** Whether nothing can be asked any more, for whatever reason. */
    public boolean hasEnded() {
        return !ended.isEmpty();
    }

    /** Issues a command without arguments and waits for its result. */
    public JsonNode execute(String command) throws QmpException {
        return execute(command, NO_ARGUMENTS);
    }

    /** Issues a command and waits for its result. */
    public JsonNode execute(String command, Object arguments) throws QmpException {
        return execute(command, arguments, commandDeadline);
    }

    /** Issues a command and reads its result into a record. */
    public <T> T query(String command, Object arguments, Class<T> type) throws QmpException {
        return QmpCodec.result(execute(command, arguments), type);
    }

    /** Issues a command without arguments and reads its result into a record. */
    public <T> T query(String command, Class<T> type) throws QmpException {
        return query(command, NO_ARGUMENTS, type);
    }

    /** Issues a command and waits for its result no longer than this. */
    public JsonNode execute(String command, Object arguments, Duration deadline) throws QmpException {
        long id = nextId.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        pending.put(id, answer);
        try {
            failIfEnded(command);
            log.trace("{}: asked {}", id, command);
            send(command, QmpCodec.command(command, arguments, id));
            JsonNode message = await(command, answer, deadline);
            log.trace("{}: answered {}", id, command);
            JsonNode error = message.path("error");
            if (!error.isMissingNode()) {
                throw QmpException.refused(
                        command,
                        error.path("class").asString(""),
                        error.path("desc").asString(""));
            }
            return message.path("return");
        } finally {
            pending.remove(id);
        }
    }

    /** Issues a command and does not wait: for what later commands do not depend on. QEMU carries them out in order. */
    public void post(String command, Object arguments) throws QmpException {
        failIfEnded(command);
        long id = nextId.incrementAndGet();
        log.trace("{}: posted {}", id, command);
        send(command, QmpCodec.command(command, arguments, id));
    }

    private void send(String command, ByteBuffer message) throws QmpException {
        synchronized (writeLock) {
            try {
                while (message.hasRemaining()) {
                    channel.write(message);
                }
            } catch (IOException e) {
                throw QmpException.closed(command, words(e));
            }
        }
    }

    private JsonNode await(String command, CompletableFuture<JsonNode> answer, Duration deadline) throws QmpException {
        try {
            return answer.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw QmpException.timedOut(command, deadline.toMillis());
        } catch (ExecutionException e) {
            throw QmpException.closed(command, ended);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw QmpException.interrupted(command);
        }
    }

    private void failIfEnded(String command) throws QmpException {
        if (!ended.isEmpty()) {
            throw QmpException.closed(command, ended);
        }
    }

    private void read(UnixDomainSocketAddress address) {
        String reason = "it could not be read";
        try {
            boolean unused = channel.connect(address);
            QmpCodec.Lines lines = new QmpCodec.Lines(Channels.newInputStream(channel));
            JsonNode message = lines.next();
            while (!message.isMissingNode()) {
                accept(message);
                message = lines.next();
            }
            reason = "QEMU closed it";
        } catch (IOException e) {
            reason = words(e);
        } finally {
            end(reason);
        }
    }

    private void accept(JsonNode message) throws IOException {
        if (message.has("QMP")) {
            greeting.complete(message);
        } else if (message.has("event")) {
            QmpEvent event = new QmpEvent(message.path("event").asString(""), data(message));
            log.trace("event {}", message);
            enqueue(() -> listener.event(event));
        } else {
            CompletableFuture<JsonNode> waiting = pending.get(message.path("id").asLong(-1));
            if (waiting == null) {
                log.debug("An answer that nobody waits for any more: {}", message);
            } else {
                waiting.complete(message);
            }
        }
    }

    private static JsonNode data(JsonNode message) {
        JsonNode data = message.path("data");
        return data.isMissingNode() ? QmpCodec.empty() : data;
    }

    private void enqueue(Runnable delivery) throws IOException {
        if (!deliveries.offer(delivery)) {
            throw new IOException(MOST_EVENTS_WAITING + " events wait for their listener");
        }
    }

    private void end(String reason) {
        ended = closedHere.get() ? "closed here" : reason;
        closeChannel();
        IOException cause = new IOException(reason);
        greeting.completeExceptionally(cause);
        pending.values().forEach(waiting -> waiting.completeExceptionally(cause));
        try {
            deliveries.put(this::lastDelivery);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void lastDelivery() {
        if (!closedHere.get()) {
            listener.disconnected(ended);
        }
        throw new EndOfEvents();
    }

    private void deliver() {
        try {
            while (true) {
                deliverOne(deliveries.take());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (EndOfEvents e) {
            log.trace("The last event was delivered");
        }
    }

    private void deliverOne(Runnable delivery) {
        try {
            delivery.run();
        } catch (EndOfEvents e) {
            throw e;
        } catch (RuntimeException | Error e) {
            log.error("A listener failed; the events after this one are delivered all the same", e);
        }
    }

    private static String words(IOException e) {
        String message = e.getMessage();
        return e instanceof InterruptedIOException || message == null
                ? e.getClass().getSimpleName()
                : message;
    }

    /** Ends the connection. QEMU and the guest go on. Idempotent; the listener hears nothing of it. */
    @Override
    public void close() {
        closedHere.set(true);
        closeChannel();
    }

    private void closeChannel() {
        try {
            channel.close();
        } catch (IOException e) {
            log.debug("Closing a QMP socket: {}", e.getMessage());
        }
    }

    private static final class EndOfEvents extends RuntimeException {
        private static final long serialVersionUID = 1L;

        EndOfEvents() {
            super("end of events", null, false, false);
        }
    }
}
