package io.agentflow.bridge;

import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.nats.client.support.NatsJetStreamConstants;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A message as a stream has it. */
record FoundMessage(long sequence, Message message) {

  private static final String OF_THE_TRANSPORT = "Nats-";
  private static final long NO_POSITION = 0;

  String subject() {
    return message.getSubject();
  }

  byte[] body() {
    return message.getData();
  }

  /** The headers that whoever published it meant for who reads it. */
  SortedMap<String, String> headers() {
    SortedMap<String, String> ours = new TreeMap<>();
    Headers all = message.getHeaders();
    if (all != null) {
      for (Map.Entry<String, List<String>> header : all.entrySet()) {
        if (isOurs(header.getKey())) {
          ours.put(header.getKey(), String.join("\n", header.getValue()));
        }
      }
    }
    return ours;
  }

  private static boolean isOurs(String name) {
    return !name.startsWith(OF_THE_TRANSPORT) || name.equals(NatsJetStreamConstants.MSG_ID_HDR);
  }

  /** Its {@code Nats-Msg-Id}; empty text where it has none. */
  String id() {
    return first(NatsJetStreamConstants.MSG_ID_HDR).orElse("");
  }

  /** Which entry of the log it says that it tells; 0 where it does not say. */
  long position() {
    try {
      return first(MessageHeaders.POSITION).map(Long::parseLong).orElse(NO_POSITION);
    } catch (NumberFormatException e) {
      return NO_POSITION;
    }
  }

  private Optional<String> first(String name) {
    return Optional.ofNullable(message.getHeaders()).map(headers -> headers.getFirst(name));
  }
}
