package io.agentflow.bridge;

import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.chain.ChainLink;
import io.nats.client.support.NatsJetStreamConstants;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the headers of a message say of its entry: ours, W3C trace context, and CloudEvents 1.0 in
 * binary mode. The event is the entry, its data the body.
 */
public final class MessageHeaders {

  /** The entry's position in the log. */
  public static final String POSITION = "AF-Position";

  /** The spoken name of the entry's event. */
  public static final String EVENT_TYPE = "AF-Event-Type";

  private static final String TYPE_PREFIX = "io.agentflow.";
  private static final Pattern TRACEPARENT =
      Pattern.compile("\"traceparent\":\"([0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})\"");
  private static final String HEX = "0123456789ABCDEF";

  private MessageHeaders() {}

  /** Of an entry that is told as an envelope. */
  static Map<String, String> of(LogEntry entry) {
    return of(entry, entry.eventId().toString(), entry.eventType(), "urn:agentflow:envelope");
  }

  /**
   * Of a message that is made of an entry.
   *
   * @param messageId its id; no other message of its stream has it
   * @param type what it is an instance of, without the prefix that all of ours have
   * @param dataSchema the URI of the schema of its body
   */
  public static Map<String, String> of(
      LogEntry entry, String messageId, String type, String dataSchema) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(NatsJetStreamConstants.MSG_ID_HDR, messageId);
    headers.put(POSITION, Long.toString(entry.position()));
    headers.put(EVENT_TYPE, entry.eventType());
    if (entry.metadata().contains("\"traceparent\"")) {
      Matcher trace = TRACEPARENT.matcher(entry.metadata());
      if (trace.find()) {
        headers.put("traceparent", trace.group(1));
      }
    }
    headers.put("ce-specversion", "1.0");
    headers.put("ce-id", encoded(messageId));
    headers.put("ce-source", encoded("/tenants/" + entry.tenantId()));
    headers.put("ce-type", encoded(TYPE_PREFIX + type));
    headers.put("ce-time", ChainLink.timestamp(entry.occurredAt()));
    headers.put("ce-subject", encoded(entry.aggregateType() + "s/" + entry.aggregateId()));
    headers.put("ce-datacontenttype", "application/json");
    headers.put("ce-dataschema", dataSchema);
    return Collections.unmodifiableMap(headers);
  }

  /** Percent-encoded where the binding says so: all but printable ASCII, and three of that. */
  static String encoded(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (mustBeEncoded(value.charAt(i))) {
        return encodedBytes(value);
      }
    }
    return value;
  }

  private static boolean mustBeEncoded(int c) {
    return c <= ' ' || c > '~' || c == '"' || c == '%';
  }

  private static String encodedBytes(String value) {
    StringBuilder out = new StringBuilder();
    for (byte signed : value.getBytes(StandardCharsets.UTF_8)) {
      int octet = Byte.toUnsignedInt(signed);
      if (mustBeEncoded(octet)) {
        out.append('%').append(HEX.charAt(octet >> 4)).append(HEX.charAt(octet & 0xf));
      } else {
        out.append((char) octet);
      }
    }
    return out.toString();
  }
}
