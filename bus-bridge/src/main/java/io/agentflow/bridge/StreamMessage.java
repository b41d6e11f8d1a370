package io.agentflow.bridge;

import io.nats.client.impl.Headers;
import io.nats.client.support.NatsJetStreamConstants;
import java.util.Map;
import java.util.Objects;

/**
 * A message as the log says that it has to be.
 *
 * @param headers those that say something of the entry, in their order; one is the message's id
 */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way; nobody compares such records
public record StreamMessage(String subject, Map<String, String> headers, byte[] body) {

  /** By which the bus knows it again. */
  public String id() {
    return Objects.requireNonNull(headers.get(NatsJetStreamConstants.MSG_ID_HDR));
  }

  Headers natsHeaders() {
    Headers all = new Headers();
    headers.forEach(all::add);
    return all;
  }

  /** How much the server is sent, but for a few bytes. */
  int bytes() {
    return body.length + subject.length();
  }
}
