package io.agentflow.bench;

import io.nats.client.Connection;
import io.nats.client.Nats;
import java.io.IOException;

/** A connection to NATS that ends with its block. */
record BusConnection(Connection bus) implements AutoCloseable {

  static BusConnection to(String url) throws IOException, InterruptedException {
    return new BusConnection(Nats.connect(url));
  }

  @Override
  public void close() {
    try {
      bus.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
