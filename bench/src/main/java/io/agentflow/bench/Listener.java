package io.agentflow.bench;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.MessageConsumer;
import io.nats.client.StreamContext;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.OrderedConsumerConfiguration;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Somebody who hears what comes into a stream from now on, in its order. */
final class Listener implements AutoCloseable {

  private final MessageConsumer consumer;

  private Listener(MessageConsumer consumer) {
    this.consumer = consumer;
  }

  /** Listens, once the stream is there. */
  static Listener to(Connection bus, String stream, String subject, Consumer<Message> heard)
      throws IOException, InterruptedException, JetStreamApiException {
    StreamContext context = awaited(bus, stream);
    return new Listener(
        context
            .createOrderedConsumer(
                new OrderedConsumerConfiguration()
                    .filterSubject(subject)
                    .deliverPolicy(DeliverPolicy.New))
            .consume(heard::accept));
  }

  private static StreamContext awaited(Connection bus, String stream)
      throws IOException, InterruptedException {
    while (true) {
      try {
        return bus.getStreamContext(stream);
      } catch (JetStreamApiException e) {
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  @Override
  public void close() {
    consumer.stop();
  }
}
