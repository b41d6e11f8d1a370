package io.agentflow.bridge;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.ulid.Ulid;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.eventstore.chain.ChainLink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A log entry as a message: message contract v1. Its id is the event's id written as a ULID, the
 * same 128 bits; its hash is SHA-256 over the canonical form (RFC 8785) without the hash itself.
 *
 * <p>It is written once, member by member in the canonical order: the log keeps payloads and
 * metadata in that form already.
 */
final class Envelope {

  private static final JsonFactory JSON = new JsonFactory();
  private static final Pattern TRACEPARENT =
      Pattern.compile("\"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}\"");
  private static final String FREE = "{\"dollars\":0,\"tokens\":0}";

  private Envelope() {}

  /** The entry, whole where it fits, else as a reference into the log. */
  static byte[] of(LogEntry entry, Subject subject, long bytesMax) {
    byte[] whole = whole(entry, subject);
    return whole.length <= bytesMax ? whole : referenceTo(entry, subject);
  }

  static byte[] whole(LogEntry entry, Subject subject) {
    return sealed(entry, subject, entry.payload(), Told.in(entry.payload()));
  }

  /** In place of an entry that is too large for the bus: where in the log it is, and its hash. */
  static byte[] referenceTo(LogEntry entry, Subject subject) {
    String reference =
        "{\"reference\":{\"bytes\":%d,\"hash\":\"%s\",\"position\":%d}}"
            .formatted(bytes(entry.payload()).length, entry.hash().hex(), entry.position());
    return sealed(entry, subject, reference, Told.NOTHING);
  }

  /**
   * What a payload itself says of sender, receiver and cost.
   *
   * @param tokens of the message or call
   * @param microDollars of the message or call
   */
  private record Told(Optional<String> from, Optional<String> to, long tokens, long microDollars) {

    private static final Told NOTHING = new Told(Optional.empty(), Optional.empty(), 0, 0);

    static Told in(String payload) {
      // Most payloads have none of these names, and need not be read.
      return payload.contains("\"from\":")
              || payload.contains("\"to\":")
              || payload.contains("\"tokens\":")
              || payload.contains("\"microDollars\":")
          ? read(payload)
          : NOTHING;
    }

    private static Told read(String payload) {
      Optional<String> from = Optional.empty();
      Optional<String> to = Optional.empty();
      long tokens = 0;
      long microDollars = 0;
      try (JsonParser parser = JSON.createParser(payload)) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
          return NOTHING;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          JsonToken value = parser.nextToken();
          switch (name) {
            case "from" -> from = text(parser, value);
            case "to" -> to = text(parser, value);
            case "tokens" -> tokens = number(parser, value);
            case "microDollars" -> microDollars = number(parser, value);
            default -> parser.skipChildren();
          }
        }
        return new Told(from, to, tokens, microDollars);
      } catch (IOException e) {
        throw new UncheckedIOException("a payload is no JSON", e);
      }
    }

    private static Optional<String> text(JsonParser parser, JsonToken value) throws IOException {
      if (value == JsonToken.VALUE_STRING) {
        return Optional.of(parser.getText());
      }
      parser.skipChildren();
      return Optional.empty();
    }

    private static long number(JsonParser parser, JsonToken value) throws IOException {
      if (value == JsonToken.VALUE_NUMBER_INT) {
        return parser.getLongValue();
      }
      parser.skipChildren();
      return 0;
    }
  }

  private static byte[] sealed(LogEntry entry, Subject subject, String payload, Told told) {
    SortedMap<String, String> metadata = CanonicalMembers.of(entry.metadata());
    Matcher trace = TRACEPARENT.matcher(metadata.getOrDefault("traceparent", ""));
    boolean traced = trace.matches();
    String start = "{\"cost\":" + cost(entry, told) + ",";
    StringBuilder rest = new StringBuilder(payload.length() + entry.metadata().length() + 1_024);
    rest.append("\"from\":");
    if (told.from().isPresent()) {
      CanonicalJson.writeString(told.from().get(), rest);
    } else {
      rest.append(metadata.getOrDefault("actor", "\"agentflow\""));
    }
    rest.append(",\"id\":\"").append(Ulid.from(entry.eventId()));
    rest.append("\",\"metadata\":");
    add(entry, metadata);
    CanonicalMembers.write(metadata, rest);
    rest.append(",\"payload\":").append(payload);
    rest.append(",\"span_id\":\"").append(traced ? trace.group(2) : "");
    rest.append("\",\"to\":");
    CanonicalJson.writeString(told.to().orElseGet(subject::name), rest);
    rest.append(",\"trace_id\":\"").append(traced ? trace.group(1) : "");
    rest.append("\",\"ts\":\"").append(ChainLink.timestamp(entry.occurredAt()));
    rest.append("\",\"type\":\"event\"}");
    return sealed(bytes(start), bytes(rest.toString()));
  }

  /** The hash is over all but the hash, whose place is between these two. */
  private static byte[] sealed(byte[] start, byte[] rest) {
    byte[] seal = bytes("\"envelope_hash\":\"" + Hash.sha256(start, rest).hex() + "\",");
    byte[] whole = new byte[start.length + seal.length + rest.length];
    System.arraycopy(start, 0, whole, 0, start.length);
    System.arraycopy(seal, 0, whole, start.length, seal.length);
    System.arraycopy(rest, 0, whole, start.length + seal.length, rest.length);
    return whole;
  }

  private static void add(LogEntry entry, SortedMap<String, String> metadata) {
    metadata.put("tenant_id", text(entry.tenantId()));
    metadata.put("aggregate_type", text(entry.aggregateType()));
    metadata.put("aggregate_id", text(entry.aggregateId()));
    metadata.put(entry.aggregateType() + "_id", text(entry.aggregateId()));
    metadata.put("sequence_number", Long.toString(entry.sequenceNumber()));
    metadata.put("event_type", text(entry.eventType()));
    metadata.put("event_version", Integer.toString(entry.eventVersion()));
    metadata.put("position", Long.toString(entry.position()));
    metadata.put("tenant_position", Long.toString(entry.tenantPosition()));
    metadata.put("prev_hash", text(entry.prevHash().hex()));
    metadata.put("hash", text(entry.hash().hex()));
  }

  private static String text(String value) {
    StringBuilder out = new StringBuilder(value.length() + 2);
    CanonicalJson.writeString(value, out);
    return out.toString();
  }

  /** What the message or call itself cost; budgets speak of amounts, which are not costs. */
  private static String cost(LogEntry entry, Told told) {
    if (!entry.aggregateType().equals("workflow")
        || (told.tokens() == 0 && told.microDollars() == 0)) {
      return FREE;
    }
    ObjectNode cost = JsonNodeFactory.instance.objectNode();
    cost.put("tokens", told.tokens());
    cost.set("dollars", DecimalNode.valueOf(BigDecimal.valueOf(told.microDollars(), 6)));
    return CanonicalJson.canonicalize(cost);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
