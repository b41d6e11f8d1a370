package io.agentflow.bridge;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.api.MessageInfo;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Somebody else at the same bus, as far as a test needs one. */
record BusClient(Connection connection) implements AutoCloseable {

  static BusClient at(String url) {
    try {
      return new BusClient(Nats.connect(url));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  JetStreamManagement management() throws IOException {
    return connection.jetStreamManagement();
  }

  /** A message of a stream, whole. */
  record Stored(String subject, Headers headers, String body) {

    String header(String name) {
      return String.valueOf(headers.getFirst(name));
    }
  }

  Stored stored(String stream, long sequence) {
    try {
      MessageInfo message = management().getMessage(stream, sequence);
      Headers headers = message.getHeaders();
      byte[] body = message.getData();
      return new Stored(
          String.valueOf(message.getSubject()),
          headers == null ? new Headers() : headers,
          new String(body == null ? new byte[0] : body, StandardCharsets.UTF_8));
    } catch (IOException | JetStreamApiException e) {
      throw new IllegalStateException("message %d of %s".formatted(sequence, stream), e);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
