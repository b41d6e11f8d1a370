package io.agentflow.bridge;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.PublishOptions;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamState;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's connection to NATS JetStream, made when it is first needed and again after it broke.
 * The streams exist, as {@link BusStream} describes them, once it is connected.
 */
public final class Bus implements AutoCloseable {

  static final String POSITION_HEADER = "AF-Position";

  private static final Logger LOG = LoggerFactory.getLogger(Bus.class);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration DUPLICATE_WINDOW = Duration.ofMinutes(2);
  private static final int HEADER_BYTES_MAX = 1_024;
  private static final int NOT_FOUND = 404;
  private static final int INSUFFICIENT_STORAGE = 10_047;

  private final Optional<String> url;
  private @Nullable Connection connection;

  /**
   * A connection to be.
   *
   * @param url for example {@code nats://127.0.0.1:4222}; empty when there is no bus at all
   */
  public Bus(Optional<String> url) {
    this.url = url;
  }

  /**
   * Where a stream ends.
   *
   * @param messages how many it holds
   * @param lastSequence its last sequence number, 0 when it never had a message
   * @param lastPosition the log position of its last message, where that is still there
   */
  record StreamEnd(long messages, long lastSequence, Optional<Long> lastPosition) {}

  /** Publishes without waiting, at the place behind {@code lastSequence} or not at all. */
  CompletableFuture<PublishAck> publishBehind(
      BusStream stream, long lastSequence, NatsMessage message) {
    return publish(
        message,
        PublishOptions.builder()
            .expectedStream(stream.name())
            .expectedLastSequence(lastSequence)
            .build());
  }

  /** Publishes without waiting. */
  CompletableFuture<PublishAck> publish(BusStream stream, NatsMessage message) {
    return publish(message, PublishOptions.builder().expectedStream(stream.name()).build());
  }

  private CompletableFuture<PublishAck> publish(NatsMessage message, PublishOptions options) {
    try {
      return connected().jetStream().publishAsync(message, options);
    } catch (IOException e) {
      throw new BusFailure("cannot publish: " + e.getMessage(), e);
    }
  }

  static NatsMessage message(String subject, Headers headers, byte[] body) {
    return NatsMessage.builder().subject(subject).headers(headers).data(body).build();
  }

  /** The largest body that the server takes beside our headers, in bytes. */
  long maxBodyBytes() {
    return connected().getMaxPayload() - HEADER_BYTES_MAX;
  }

  StreamEnd end(BusStream stream) {
    try {
      JetStreamManagement management = connected().jetStreamManagement();
      StreamState state = management.getStreamInfo(stream.name()).getStreamState();
      return new StreamEnd(
          state.getMsgCount(),
          state.getLastSequence(),
          state.getMsgCount() == 0
              ? Optional.empty()
              : position(management, stream, state.getLastSequence()));
    } catch (IOException | JetStreamApiException e) {
      throw new BusFailure("cannot look at stream " + stream + ": " + e.getMessage(), e);
    }
  }

  private static Optional<Long> position(
      JetStreamManagement management, BusStream stream, long sequence)
      throws IOException, JetStreamApiException {
    try {
      MessageInfo last = management.getMessage(stream.name(), sequence);
      return Optional.ofNullable(last.getHeaders())
          .map(headers -> headers.getFirst(POSITION_HEADER))
          .map(Long::valueOf);
    } catch (JetStreamApiException e) {
      if (e.getErrorCode() == NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Whether there is a connection now; makes none. */
  synchronized boolean isConnected() {
    return connection != null && connection.getStatus() == Connection.Status.CONNECTED;
  }

  private synchronized Connection connected() {
    Connection present = connection;
    if (present != null && present.getStatus() == Connection.Status.CONNECTED) {
      return present;
    }
    disconnect();
    String server =
        url.orElseThrow(
            () ->
                new BusFailure(
                    "there is no NATS server: put nats-server on the PATH or in .agentflow/bin/,"
                        + " or name one by AF_BUS_URL, and start again",
                    null));
    try {
      Connection made =
          Nats.connect(
              Options.builder()
                  .server(server)
                  .connectionName("agentflow-bridge")
                  .connectionTimeout(CONNECT_TIMEOUT)
                  // We connect again ourselves, and look at the streams before going on.
                  .maxReconnects(0)
                  .errorListener(new QuietErrors())
                  .build());
      connection = made;
      ensureStreams(made.jetStreamManagement());
      return made;
    } catch (IOException | JetStreamApiException e) {
      disconnect();
      throw new BusFailure("NATS at %s: %s".formatted(masked(server), e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BusFailure("interrupted while connecting to NATS", e);
    }
  }

  private static String masked(String server) {
    return server.replaceAll("//[^@/]*@", "//***@");
  }

  private static void ensureStreams(JetStreamManagement management)
      throws IOException, JetStreamApiException {
    for (BusStream stream : BusStream.values()) {
      StreamConfiguration wanted = configuration(stream, stream.maxBytes());
      Optional<StreamInfo> present = find(management, stream);
      StreamInfo info;
      try {
        info = present.isEmpty() ? management.addStream(wanted) : management.updateStream(wanted);
      } catch (JetStreamApiException e) {
        if (e.getApiErrorCode() != INSUFFICIENT_STORAGE) {
          throw e;
        }
        LOG.warn(
            "NATS has less storage than the {} bytes meant for {}; its age limit alone holds",
            stream.maxBytes(),
            stream);
        StreamConfiguration unlimited = configuration(stream, -1);
        info =
            present.isEmpty()
                ? management.addStream(unlimited)
                : management.updateStream(unlimited);
      }
      report(stream, wanted, info.getConfiguration());
    }
  }

  private static StreamConfiguration configuration(BusStream stream, long maxBytes) {
    return StreamConfiguration.builder()
        .name(stream.name())
        .subjects(stream.subjects())
        .storageType(StorageType.File)
        .maxAge(stream.maxAge())
        .maxBytes(maxBytes)
        .duplicateWindow(DUPLICATE_WINDOW)
        .build();
  }

  private static Optional<StreamInfo> find(JetStreamManagement management, BusStream stream)
      throws IOException, JetStreamApiException {
    try {
      return Optional.of(management.getStreamInfo(stream.name()));
    } catch (JetStreamApiException e) {
      if (e.getErrorCode() == NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** An older server ignores what it does not know, without a word. */
  private static void report(
      BusStream stream, StreamConfiguration wanted, StreamConfiguration echoed) {
    List<String> ignored = new ArrayList<>();
    if (!Objects.equals(wanted.getMaxAge(), echoed.getMaxAge())) {
      ignored.add("max age");
    }
    if (!wanted.getSubjects().equals(echoed.getSubjects())) {
      ignored.add("subjects");
    }
    if (!Objects.equals(wanted.getDuplicateWindow(), echoed.getDuplicateWindow())) {
      ignored.add("duplicate window");
    }
    if (!ignored.isEmpty()) {
      LOG.warn("NATS did not take these settings of stream {}: {}", stream, ignored);
    }
  }

  /** Lets the connection go; the next use makes a new one. */
  synchronized void disconnect() {
    Connection present = connection;
    connection = null;
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

  /** Whoever publishes learns of failures from the acknowledgement; the rest is for debugging. */
  private static final class QuietErrors implements io.nats.client.ErrorListener {
    @Override
    public void errorOccurred(Connection connection, String error) {
      LOG.debug("NATS reports {}", error);
    }

    @Override
    public void exceptionOccurred(Connection connection, Exception exception) {
      LOG.debug("NATS connection failed", exception);
    }

    @Override
    public void messageDiscarded(Connection connection, Message message) {
      LOG.debug("NATS discarded a message to {}", message.getSubject());
    }
  }
}
