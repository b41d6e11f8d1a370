package io.agentflow.bridge;

import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.ErrorListener;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.PublishOptions;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamState;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to NATS JetStream, made when it is first needed and again after it broke. A stream
 * that is used exists, as {@link BusSettings} want it. Methods throw {@link BusFailure} where there
 * is no bus, or it does not do what it is asked.
 */
public final class Bus implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Bus.class);

  private static final int HEADER_BYTES_MAX = 2_048;

  private final BusSettings settings;
  private final StreamSetup setup;
  private final Map<BusStream, List<String>> notTaken = new EnumMap<>(BusStream.class);
  private volatile @Nullable Connection connection;
  private volatile String lastError = "";
  private volatile Consumer<String> troubles = trouble -> {};

  /** A connection to be. */
  public Bus(BusSettings settings) {
    this.settings = settings;
    this.setup = new StreamSetup(settings);
  }

  /**
   * A connection to be, with streams as they are where nothing else is wanted.
   *
   * @param url for example {@code nats://127.0.0.1:4222}; empty when there is no bus at all
   */
  public Bus(Optional<String> url) {
    this(BusSettings.of(url));
  }

  /** Another connection to the same bus. */
  Bus another() {
    return new Bus(settings);
  }

  /** Has everything told that the server complains of, and that the connection is lost. */
  void onTrouble(Consumer<String> listener) {
    troubles = listener;
  }

  /**
   * Where a stream ends.
   *
   * @param messages how many it holds
   * @param lastSequence its last sequence number, 0 when it never had a message
   */
  record StreamEnd(long messages, long bytes, long firstSequence, long lastSequence) {}

  /**
   * A message as a stream holds it.
   *
   * @param headers empty where it has none
   */
  record StoredMessage(String subject, Headers headers) {

    /** The value of a header, if it has that one. */
    Optional<String> header(String name) {
      return Optional.ofNullable(headers.getFirst(name));
    }
  }

  /** Publishes without waiting. */
  CompletableFuture<PublishAck> publish(BusStream stream, NatsMessage message) {
    try {
      return ready(stream)
          .jetStream()
          .publishAsync(message, PublishOptions.builder().expectedStream(stream.name()).build());
    } catch (IOException e) {
      throw failure("cannot publish", e);
    }
  }

  static NatsMessage message(String subject, Headers headers, byte[] body) {
    return NatsMessage.builder().subject(subject).headers(headers).data(body).build();
  }

  /** The largest body that the server takes beside our headers, in bytes. */
  public long maxBodyBytes() {
    return maxBodyBytes(connected());
  }

  /** The largest body that a connection's server takes beside headers of ours, in bytes. */
  public static long maxBodyBytes(Connection connection) {
    return connection.getMaxPayload() - HEADER_BYTES_MAX;
  }

  /** The version of the server; empty while there is no connection. */
  public Optional<String> serverVersion() {
    Connection present = connection;
    return present == null || present.getStatus() != Connection.Status.CONNECTED
        ? Optional.empty()
        : Optional.of(present.getServerInfo().getVersion());
  }

  /** How the settings want a stream. */
  StreamConfiguration configuration(BusStream stream) {
    return setup.wanted(stream);
  }

  /** Which settings of a stream the server did not take, as far as it was asked. */
  List<String> settingsNotTaken(BusStream stream) {
    synchronized (notTaken) {
      return notTaken.getOrDefault(stream, List.of());
    }
  }

  StreamEnd end(BusStream stream) {
    try {
      StreamState state =
          ready(stream).jetStreamManagement().getStreamInfo(stream.name()).getStreamState();
      return new StreamEnd(
          state.getMsgCount(),
          state.getByteCount(),
          state.getFirstSequence(),
          state.getLastSequence());
    } catch (IOException | JetStreamApiException e) {
      throw failure("cannot look at stream " + stream, e);
    }
  }

  /** A message of a stream; empty where it is gone. */
  Optional<StoredMessage> stored(BusStream stream, long sequence) {
    try {
      MessageInfo message = ready(stream).jetStreamManagement().getMessage(stream.name(), sequence);
      Headers headers = message.getHeaders();
      return Optional.of(
          new StoredMessage(
              String.valueOf(message.getSubject()), headers == null ? new Headers() : headers));
    } catch (JetStreamApiException e) {
      if (e.getErrorCode() == StreamSetup.NOT_FOUND) {
        return Optional.empty();
      }
      throw failure("cannot look into stream " + stream, e);
    } catch (IOException e) {
      throw failure("cannot look into stream " + stream, e);
    }
  }

  private BusFailure failure(String what, Exception cause) {
    String complaint = lastError;
    return new BusFailure(
        "%s: %s%s"
            .formatted(
                what, cause.getMessage(), complaint.isEmpty() ? "" : "; NATS says: " + complaint),
        cause);
  }

  /** Whether there is a connection now; makes none. */
  boolean isConnected() {
    Connection present = connection;
    return present != null && present.getStatus() == Connection.Status.CONNECTED;
  }

  /** A connection on which the stream is as it should be, as far as the server can. */
  synchronized Connection ready(BusStream stream) {
    Connection present = connected();
    synchronized (notTaken) {
      if (notTaken.containsKey(stream)) {
        return present;
      }
    }
    try {
      JetStreamManagement management = present.jetStreamManagement();
      List<String> differences = setup.ensure(management, stream);
      if (!differences.isEmpty()) {
        LOG.warn("NATS did not take these settings of stream {}: {}", stream, differences);
      }
      synchronized (notTaken) {
        notTaken.put(stream, differences);
      }
      return present;
    } catch (IOException | JetStreamApiException e) {
      throw failure("cannot set up stream " + stream, e);
    }
  }

  synchronized Connection connected() {
    Connection present = connection;
    if (present != null && present.getStatus() == Connection.Status.CONNECTED) {
      return present;
    }
    disconnect();
    String server =
        settings
            .url()
            .orElseThrow(
                () ->
                    new BusFailure(
                        "there is no NATS server: put nats-server on the PATH or in"
                            + " .agentflow/bin/, or name one by AF_BUS_URL, and start again",
                        null));
    try {
      Connection made = Nats.connect(options());
      connection = made;
      return made;
    } catch (IOException | IllegalArgumentException e) {
      disconnect();
      throw new BusFailure("NATS at %s: %s".formatted(masked(server), e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BusFailure("interrupted while connecting to NATS", e);
    }
  }

  private Options options() {
    return settings
        .connection("agentflow-bridge")
        // We connect again ourselves, and look at the streams before going on.
        .maxReconnects(0)
        .errorListener(new Complaints())
        .connectionListener(
            (of, event) -> {
              if (event == ConnectionListener.Events.DISCONNECTED
                  || event == ConnectionListener.Events.CLOSED) {
                trouble(of, "the connection to NATS broke");
              }
            })
        .build();
  }

  /** What is told late, of a connection that was given up, is of no interest. */
  @SuppressWarnings("ReferenceEquality") // this very connection is meant
  private void trouble(@Nullable Connection of, String what) {
    if (of != null && of == connection) {
      troubles.accept(what);
    }
  }

  private static String masked(String server) {
    return server.replaceAll("//[^@/,]*@", "//***@");
  }

  /** Lets the connection go; the next use makes a new one, and looks at the streams again. */
  synchronized void disconnect() {
    Connection present = connection;
    connection = null;
    lastError = "";
    synchronized (notTaken) {
      notTaken.clear();
    }
    if (present != null) {
      try {
        present.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    disconnect();
  }

  /** What the server complains of, for example that something is not permitted. */
  private final class Complaints implements ErrorListener {
    @Override
    public void errorOccurred(Connection of, String error) {
      LOG.debug("NATS reports {}", error);
      lastError = error;
      trouble(of, "NATS says: " + error);
    }

    @Override
    public void exceptionOccurred(Connection unused, Exception exception) {
      LOG.debug("NATS connection failed", exception);
    }

    @Override
    public void messageDiscarded(Connection of, Message message) {
      trouble(of, "the client discarded a message to " + message.getSubject());
    }
  }
}
