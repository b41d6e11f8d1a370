package io.agentflow.client;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request as each attempt sends it, but for the token.
 *
 * @param body null for a GET
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Call(String path, Map<String, String> headers, byte @Nullable [] body) {

  private static final String JSON = "application/json, application/problem+json";

  static Call get(String path) {
    return new Call(path, Map.of("Accept", JSON), null);
  }

  static Call post(String path, byte[] body) {
    return new Call(path, Map.of("Accept", JSON, "Content-Type", "application/json"), body);
  }

  Call with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Call(path, more, body);
  }
}
