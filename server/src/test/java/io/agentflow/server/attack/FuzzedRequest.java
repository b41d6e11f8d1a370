package io.agentflow.server.attack;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request as it was drawn.
 *
 * @param headers names and values in turn, in the order in which they are sent
 * @param isChunked whether the body does not tell its length
 * @param correlationId under which all that it leads to is recorded
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares requests
record FuzzedRequest(
    String operationId,
    String method,
    String path,
    String query,
    Caller caller,
    List<String> headers,
    byte @Nullable [] body,
    boolean isChunked,
    String correlationId) {

  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(30);

  /**
   * Who sends it.
   *
   * @param words as {@code af token} would be asked for the token
   */
  record Caller(String bearer, String words) {}

  FuzzedRequest {
    headers = List.copyOf(headers);
  }

  HttpRequest toSend(HttpRequest.Builder request) {
    request.timeout(ANSWERED_WITHIN).header("Authorization", caller.bearer());
    for (int i = 0; i < headers.size(); i += 2) {
      request.header(headers.get(i), headers.get(i + 1));
    }
    return request.method(method, publisher()).build();
  }

  private HttpRequest.BodyPublisher publisher() {
    byte[] bytes = body;
    if (bytes == null) {
      return BodyPublishers.noBody();
    }
    return isChunked
        ? BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(bytes))
        : BodyPublishers.ofByteArray(bytes);
  }

  /** The same with something left out, in every way. */
  List<FuzzedRequest> simpler() {
    List<FuzzedRequest> simpler = new ArrayList<>();
    for (int i = 0; i < headers.size(); i += 2) {
      List<String> fewer = new ArrayList<>(headers);
      fewer.remove(i);
      fewer.remove(i);
      simpler.add(with(query, fewer, body));
    }
    if (!query.isEmpty()) {
      simpler.add(with("", headers, body));
    }
    if (body != null) {
      simpler.add(with(query, headers, null));
    }
    return simpler;
  }

  private FuzzedRequest with(
      String otherQuery, List<String> otherHeaders, byte @Nullable [] otherBody) {
    return new FuzzedRequest(
        operationId,
        method,
        path,
        otherQuery,
        caller,
        otherHeaders,
        otherBody,
        isChunked,
        correlationId);
  }

  /** For a shell, against a server on port 8080. */
  String curl() {
    StringBuilder line = new StringBuilder("curl --path-as-is -i -X ").append(method);
    line.append(" -H \"Authorization: Bearer $(af token ").append(caller.words()).append(")\"");
    for (int i = 0; i < headers.size(); i += 2) {
      line.append(" -H ").append(quoted(utf8(headers.get(i) + ": " + headers.get(i + 1))));
    }
    if (body != null) {
      line.append(" --data-binary ").append(quoted(body));
    }
    return line.append(" 'http://localhost:8080")
        .append(path)
        .append(query)
        .append('\'')
        .toString();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String quoted(byte[] bytes) {
    StringBuilder quoted = new StringBuilder("$'");
    for (byte b : bytes) {
      char c = (char) (b & 0xff);
      if (c == '\'' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c >= ' ' && c < 0x7f) {
        quoted.append(c);
      } else {
        quoted.append("\\x%02x".formatted((int) c));
      }
    }
    return quoted.append('\'').toString();
  }
}
