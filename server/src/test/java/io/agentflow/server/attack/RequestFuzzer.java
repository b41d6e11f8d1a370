package io.agentflow.server.attack;

import io.agentflow.server.attack.Api.Operation;
import io.agentflow.server.attack.FuzzedRequest.Caller;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Draws requests by a seed: some as the contract allows them, most with something wrong. */
final class RequestFuzzer {

  /** Each of these takes as long as a hundred others. */
  private static final Set<String> SELDOM =
      Set.of("streamEvents", "exportLog", "verifyLog", "beginReplay", "getContract");

  private static final List<String> SEGMENTS =
      List.of(
          "..",
          ".",
          "%2e%2e",
          "%00",
          "a%00b",
          "%2F",
          "%2f..%2f",
          "%5c",
          ";a=b",
          "x;jsessionid=1",
          "%ff",
          "%E2%80%AE",
          "%C3%9Cmlaut",
          "a%20b",
          "%25",
          "%0d%0aX:%20y",
          "*",
          "-1",
          "null",
          "018F4E6A-0000-7000-8000-000000000001",
          "018f4e6a-0000-7000-8000-00000000000",
          "%F0%9F%9A%B2",
          "x".repeat(129),
          "x".repeat(3_000));

  private static final List<String> QUERY_VALUES =
      List.of(
          "",
          "0",
          "-1",
          "1",
          "500",
          "501",
          "2147483648",
          "9223372036854775808",
          "1.5",
          "NaN",
          "true",
          "%00",
          "%ff",
          "a:b",
          ":",
          "a:",
          "2026-01-01T00:00:00Z",
          "2026-13-01T00:00:00Z",
          "%2B999999999-12-31T23:59:59Z",
          "-999999999-01-01T00:00:00Z",
          "workflow.*",
          "*",
          "*.*,,",
          "running",
          "MSB3b3JrZmxvd3MgNTg",
          "MSB3b3JrZmxvd3MgLTE",
          "Zm9v",
          "====",
          "%F0%9F%9A%B2",
          "x".repeat(2_000));

  private static final List<String> CONTENT_TYPES =
      List.of(
          "text/plain",
          "application/xml",
          "application/x-www-form-urlencoded",
          "multipart/form-data; boundary=x",
          "application/json; charset=utf-16",
          "application/json; charset=none",
          "application/problem+json",
          "application/yaml",
          "application/cbor",
          "*/*",
          "json",
          ";");

  private static final List<String> METHODS =
      List.of(
          "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "GET", "POST", "get");

  private static final List<String> IF_MATCH =
      List.of(
          "\"0\"",
          "\"1\"",
          "\"7\"",
          "*",
          "0",
          "W/\"0\"",
          "\"0\", \"1\"",
          "\"-1\"",
          "\"999999999999999\"",
          "\"9999999999999999\"",
          "",
          "\"x\"");

  private static final List<String> POSITIONS =
      List.of("0", "1", "5", "-1", "x", "", "1.0", "9223372036854775808", "0x1", " 1");

  private static final List<String> TRACES =
      List.of(
          "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
          "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
          "ff-00000000000000000000000000000000-0000000000000000-00",
          "x",
          "");

  /** Names and values that mean nothing to us, or ought not to. */
  private static final List<List<String>> ODD_HEADERS =
      List.of(
          List.of("Content-Encoding", "gzip"),
          List.of("Content-Encoding", "br, gzip"),
          List.of("Accept-Encoding", "gzip;q=x"),
          List.of("Accept-Charset", "utf-16"),
          List.of("Accept-Language", "*;q=5"),
          List.of("Range", "bytes=0-1"),
          List.of("Range", "bytes=-"),
          List.of("If-None-Match", "*"),
          List.of("If-Modified-Since", "yesterday"),
          List.of("X-HTTP-Method-Override", "DELETE"),
          List.of("X-Forwarded-For", "127.0.0.1, ${jndi:ldap://a}"),
          List.of("X-Forwarded-Host", "evil.example"),
          List.of("X-Original-URL", "/v1/audit/export"),
          List.of("Forwarded", "for=_x;host=evil.example"),
          List.of("Origin", "https://evil.example"),
          List.of("Cookie", "JSESSIONID=1; a"),
          List.of("AF-Tenant", "fuzz-0"),
          List.of("X-Odd", "é".repeat(10)),
          List.of("X-Long", "y".repeat(3_000)));

  /** Not application/problem+json: what is read is still answered under that name then. */
  private static final List<String> ACCEPTED =
      List.of(
          "*/*",
          "text/html",
          "application/json;q=0",
          "application/*",
          "x",
          "",
          "text/event-stream",
          "application/json, text/html;q=0.1",
          ",,,");

  private final RandomGenerator random;
  private final Values values;
  private final Mutations mutations;
  private final List<Caller> callers;
  private final List<Operation> operations =
      Api.operations(operation -> !SELDOM.contains(operation.id()));
  private final List<Operation> seldom =
      Api.operations(operation -> SELDOM.contains(operation.id()));

  /**
   * A stream of requests.
   *
   * @param callers of whom the first asks most
   */
  RequestFuzzer(RandomGenerator random, Values values, List<Caller> callers) {
    this.random = random;
    this.values = values;
    this.mutations = new Mutations(random);
    this.callers = callers;
  }

  private boolean oneIn(int several) {
    return random.nextInt(several) == 0;
  }

  FuzzedRequest next(String correlationId) {
    Operation operation = values.anyOf(oneIn(80) ? seldom : operations);
    List<String> headers = new ArrayList<>();
    headers.add("X-Correlation-ID");
    headers.add(correlationId);
    byte[] body = null;
    if (operation.isCommand() ? !operation.body().isMissingNode() || oneIn(10) : oneIn(40)) {
      body = body(operation);
      if (!oneIn(60)) {
        headers.add("Content-Type");
        headers.add(oneIn(25) ? values.anyOf(CONTENT_TYPES) : "application/json");
      }
    }
    headers(operation, headers);
    return new FuzzedRequest(
        operation.id(),
        oneIn(40) ? values.anyOf(METHODS) : operation.method(),
        operation.pathWith(this::segment)
            + (oneIn(100) ? values.anyOf(List.of("/", "/x", "//", "/.")) : ""),
        query(operation),
        oneIn(4) ? values.anyOf(callers) : callers.getFirst(),
        headers,
        body,
        oneIn(10),
        correlationId);
  }

  private String segment(String variable) {
    return oneIn(12)
        ? values.anyOf(SEGMENTS)
        : oneIn(20)
            ? encoded(values.known(values.anyOf(List.of("agentId", "budgetId", "scheduleId"))))
            : encoded(values.known(variable));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private String query(Operation operation) {
    List<String> parts = new ArrayList<>();
    for (JsonNode parameter : operation.parametersIn("query")) {
      String name = parameter.path("name").asString();
      boolean wanted = name.equals("tenant") ? !oneIn(5) : oneIn(3);
      int times = wanted ? (oneIn(15) ? 2 : 1) : 0;
      for (int i = 0; i < times; i++) {
        parts.add(name + "=" + queryValue(name, parameter));
      }
    }
    if (oneIn(30)) {
      parts.add(
          values.anyOf(
              List.of("nonsense=1", "=", "&", "limit", "%00=1", "a[]=1", "access_token=x")));
    }
    return parts.isEmpty() ? "" : "?" + String.join("&", parts);
  }

  private String queryValue(String name, JsonNode parameter) {
    if (oneIn(3)) {
      return values.anyOf(QUERY_VALUES);
    }
    return switch (name) {
      case "cursor" -> cursor();
      case "tenant" -> "fuzz-" + random.nextInt(3);
      default -> {
        JsonNode value = values.value(name, parameter.path("schema"));
        yield encoded(value.isContainer() ? "team:support" : value.asString());
      }
    };
  }

  /** One that a list has answered, perhaps another list, perhaps bent. */
  private String cursor() {
    StringBuilder cursor = new StringBuilder(values.known("nextCursor"));
    if (oneIn(3)) {
      int at = random.nextInt(cursor.length());
      switch (random.nextInt(3)) {
        case 0 -> cursor.setLength(at);
        case 1 -> cursor.setCharAt(at, (char) (cursor.charAt(at) ^ 1));
        default -> cursor.insert(at, "A");
      }
    }
    return encoded(cursor.toString());
  }

  private byte @Nullable [] body(Operation operation) {
    if (oneIn(150)) {
      return mutations.huge();
    }
    JsonNode body =
        operation.example().isMissingNode() || oneIn(3)
            ? values.value("", operation.body())
            : values.like(operation.example(), operation.variables().isEmpty());
    if (oneIn(2)) {
      for (int i = random.nextInt(3); i >= 0; i--) {
        body = mutations.changed(body);
      }
    }
    String json = body.toString();
    return oneIn(6) ? mutations.garbled(json) : json.getBytes(StandardCharsets.UTF_8);
  }

  private void headers(Operation operation, List<String> headers) {
    if (operation.isCommand() && oneIn(6)) {
      headers.addAll(List.of("If-Match", values.anyOf(IF_MATCH)));
    }
    if (oneIn(8)) {
      headers.addAll(
          List.of(
              "Idempotency-Key",
              oneIn(6)
                  ? values.anyOf(List.of("", " ", "x".repeat(255), "x".repeat(256), "a b", "\"q\""))
                  : "key-" + random.nextInt(50)));
    }
    if (!operation.isCommand() && oneIn(12)) {
      headers.addAll(List.of("AF-Consistent-With", values.anyOf(POSITIONS)));
    }
    if (operation.id().equals("streamEvents") && oneIn(2)) {
      headers.addAll(List.of("Last-Event-ID", values.anyOf(POSITIONS)));
    }
    if (oneIn(15)) {
      headers.addAll(List.of("traceparent", values.anyOf(TRACES)));
    }
    if (oneIn(25)) {
      headers.addAll(List.of("Accept", values.anyOf(ACCEPTED)));
    }
    if (oneIn(25)) {
      headers.addAll(values.anyOf(ODD_HEADERS));
    }
  }
}
