package io.agentflow.bridge;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamOptions;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.PullSubscribeOptions;
import io.nats.client.api.ConsumerConfiguration;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.erdtman.jcs.JsonCanonicalizer;

/** The lines in Java that {@code docs/bus.md} shows; {@link BusPageIT} runs them. */
final class BusPage {

  private static final JsonMapper JSON = new JsonMapper();

  private BusPage() {}

  static void make(Connection connection) throws IOException, JetStreamApiException {
    // make: from here
    connection
        .jetStreamManagement()
        .addOrUpdateConsumer(
            "AF_MESSAGES",
            ConsumerConfiguration.builder()
                .durable("acme-billing")
                .filterSubject("af.acme.workflows.*.out")
                .build());
    // to here
  }

  static void follow(
      Connection connection, String prefix, BooleanSupplier wanted, Consumer<Message> billed)
      throws IOException, JetStreamApiException, GeneralSecurityException {
    // follow: from here
    JetStream bus = connection.jetStream(JetStreamOptions.builder().prefix(prefix).build());
    JetStreamSubscription mine =
        bus.subscribe(null, PullSubscribeOptions.bind("AF_MESSAGES", "acme-billing"));
    while (wanted.getAsBoolean()) {
      for (Message message : mine.fetch(500, Duration.ofSeconds(1))) {
        if (isIntact(message.getData())) {
          billed.accept(message);
          message.ack(); // what is not acknowledged comes again
        } else {
          message.term(); // never to be delivered again; tell somebody
        }
      }
    }
    // to here
  }

  // hash: from here
  static boolean isIntact(byte[] envelope) throws IOException, GeneralSecurityException {
    ObjectNode hashed = (ObjectNode) JSON.readTree(envelope);
    String stated = hashed.remove("envelope_hash").asText();
    byte[] canonical = new JsonCanonicalizer(hashed.toString()).getEncodedUTF8();
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(canonical);
    return stated.equals(HexFormat.of().formatHex(hash));
  }
  // to here
}
