package io.agentflow.server.attack;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What may go wrong with a body, on purpose. */
final class Mutations {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** Around what the contract and the server limit. */
  private static final List<Integer> LENGTHS =
      List.of(0, 1, 63, 64, 65, 127, 128, 129, 199, 200, 201, 255, 256, 1_000, 4_096, 15_000);

  private static final List<Integer> LENGTHS_BEYOND = List.of(16_384, 70_000, 1_100_000);

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "\u0000",
          "a\u0000b",
          "\ud800",
          "\udc00\ud800",
          "\r\nSet-Cookie: a=b",
          "line\u2028separator",
          "\u202eright to left",
          "\ufeffbom",
          "🚲".repeat(70),
          "e\u0301".repeat(130),
          "NaN",
          "-Infinity",
          "null",
          "' or 1=1 --",
          "${jndi:ldap://localhost/a}",
          "${steps.draft.result}",
          "<script>alert(1)</script>",
          "../../etc/passwd",
          "%s%n%d",
          "\u001b[31m",
          "018f4e6a-0000-7000-8000-000000000001");

  private static final List<String> LITERALS =
      List.of(
          "NaN",
          "Infinity",
          "1e400",
          "1e999999999",
          "-1e-999999999",
          "01",
          "+1",
          "-0",
          "-0.0",
          "1.0",
          "1.5",
          "0x10",
          "9007199254740991",
          "9007199254740992",
          "9223372036854775807",
          "9223372036854775808",
          "-9223372036854775809",
          "2147483648",
          "9".repeat(1_001),
          "9".repeat(10_000),
          "'single'",
          "undefined",
          "tru",
          "\"\\ud800\"",
          "\"\\u0000\"",
          "\"\\x41\"",
          "\"\t\"",
          "/* none */ 1",
          "{\"a\":1,\"a\":2}",
          "[".repeat(1_500),
          "[".repeat(600) + "]".repeat(600),
          "{\"a\":".repeat(700) + "1" + "}".repeat(700));

  private final RandomGenerator random;

  Mutations(RandomGenerator random) {
    this.random = random;
  }

  private <T> T anyOf(List<T> several) {
    return several.get(random.nextInt(several.size()));
  }

  /** Changes something in the tree. */
  JsonNode changed(JsonNode body) {
    List<JsonNode> containers = new ArrayList<>();
    collect(body, containers);
    if (containers.isEmpty()) {
      return other();
    }
    JsonNode place = anyOf(containers);
    if (place instanceof ObjectNode object) {
      List<String> names = List.copyOf(object.propertyNames());
      switch (names.isEmpty() ? 0 : random.nextInt(5)) {
        case 0 ->
            object.set(anyOf(List.of("nonsense", "", "__proto__", "tenantId", "a.b")), other());
        case 1 -> object.remove(anyOf(names));
        default -> object.set(anyOf(names), other());
      }
    } else if (place instanceof ArrayNode array) {
      switch (array.isEmpty() ? 0 : random.nextInt(4)) {
        case 0 -> array.add(other());
        case 1 -> array.remove(random.nextInt(array.size()));
        case 2 -> array.add(array.path(random.nextInt(array.size())));
        default -> array.set(random.nextInt(array.size()), other());
      }
    }
    return body;
  }

  private static void collect(JsonNode node, List<JsonNode> containers) {
    if (node.isContainer()) {
      containers.add(node);
      node.forEach(inner -> collect(inner, containers));
    }
  }

  private JsonNode other() {
    return switch (random.nextInt(10)) {
      case 0 -> JSON.nullNode();
      case 1 -> JSON.booleanNode(random.nextBoolean());
      case 2 -> JSON.numberNode(anyOf(List.of(-1L, 0L, 1L, Long.MIN_VALUE, 4_000_000_000L)));
      case 3 -> JSON.numberNode(anyOf(List.of(0.5, -1.5, 1e300)));
      case 4 -> JSON.objectNode().put("a", 1);
      case 5 -> JSON.arrayNode().add("a").add(1);
      case 6 -> JSON.stringNode("x".repeat(anyOf(LENGTHS)));
      case 7 -> JSON.stringNode("é".repeat(anyOf(LENGTHS) / 2));
      default -> JSON.stringNode(anyOf(TEXTS));
    };
  }

  /** Writes it down in a way that is not quite JSON, or not quite text. */
  byte[] garbled(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return switch (random.nextInt(9)) {
      case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      case 1 -> with(bytes, random.nextInt(bytes.length + 1), anyOf(INVALID_UTF_8));
      case 2 -> with(bytes, 0, new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf});
      case 3 ->
          (json + anyOf(List.of("x", "{}", ",", "\u0000", "]"))).getBytes(StandardCharsets.UTF_8);
      case 4 -> json.getBytes(StandardCharsets.UTF_16);
      case 5 -> zipped(bytes);
      case 6 -> doubled(json).getBytes(StandardCharsets.UTF_8);
      default -> withLiteral(json).getBytes(StandardCharsets.UTF_8);
    };
  }

  private static final List<byte[]> INVALID_UTF_8 =
      List.of(
          new byte[] {(byte) 0xff},
          new byte[] {(byte) 0xc0, (byte) 0xaf},
          new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
          new byte[] {(byte) 0xf8, (byte) 0x88, (byte) 0x80, (byte) 0x80, (byte) 0x80},
          new byte[] {0},
          new byte[] {(byte) 0xe2, (byte) 0x82});

  private static byte[] with(byte[] bytes, int at, byte[] more) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, at);
    out.writeBytes(more);
    out.write(bytes, at, bytes.length - at);
    return out.toByteArray();
  }

  private static byte[] zipped(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static String doubled(String json) {
    int colon = json.indexOf(':');
    int comma = json.indexOf(',');
    return colon > 0 && comma > colon
        ? "{" + json.substring(1, comma) + "," + json.substring(1)
        : json + json;
  }

  /** A value of the text is replaced by something that a writer of JSON would not write. */
  private String withLiteral(String json) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < json.length(); i++) {
      if (json.charAt(i) == ':') {
        places.add(i);
      }
    }
    if (places.isEmpty()) {
      return anyOf(LITERALS);
    }
    int begin = anyOf(places) + 1;
    int end = begin;
    while (end < json.length() && ",}]".indexOf(json.charAt(end)) < 0) {
      end++;
    }
    return json.substring(0, begin) + anyOf(LITERALS) + json.substring(end);
  }

  /** More than any body may have, or just as much. */
  byte[] huge() {
    return ("{\"name\":\"" + "x".repeat(anyOf(LENGTHS_BEYOND)) + "\"}")
        .getBytes(StandardCharsets.UTF_8);
  }
}
